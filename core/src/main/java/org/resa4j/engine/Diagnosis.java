package org.resa4j.engine;

/**
 * One finding about what an engine needs.
 *
 * @param subject what was looked at
 * @param ok whether it is as it should be
 * @param detail what was seen
 * @param remedy what to do where it is not; empty where nothing is to be done
 */
public record Diagnosis(String subject, boolean ok, String detail, String remedy) {
  public static Diagnosis good(String subject, String detail) {
    return new Diagnosis(subject, true, detail, "");
  }

  public static Diagnosis fault(String subject, String detail, String remedy) {
    return new Diagnosis(subject, false, detail, remedy);
  }
}
