package org.resa4j;

/**
 * A setting and where it came from.
 *
 * @param name as the files name it
 * @param value as text
 * @param origin {@link #DEFAULT}, {@link #BUILDER}, or the name of the model's file
 */
public record SettingOrigin(String name, String value, String origin) {
  public static final String DEFAULT = "default";
  public static final String BUILDER = "builder";
}
