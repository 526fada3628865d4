package org.resa4j.spark;

import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.resa4j.architecture.Architecture;

/** This module's packages, held to the rules. */
class ArchitectureTest {
  private static final JavaClasses CLASSES = Architecture.classes("org.resa4j.spark");

  @TestFactory
  Stream<DynamicTest> rules() {
    return Architecture.library().stream()
        .map(rule -> DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(CLASSES)));
  }
}
