package org.resa4j.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;

/** The rules of the modules' architecture; each module's test checks its own classes. */
public final class Architecture {
  private static final String TORNADO_VM = "uk.ac.manchester..";
  private static final String COMMAND_LINE = "picocli..";

  private Architecture() {}

  /** The classes of a module, by its packages; without tests. */
  public static JavaClasses classes(String... packages) {
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages(packages);
  }

  /** What holds in every module but the one that imports TornadoVM. */
  public static List<ArchRule> everywhere() {
    return List.of(packagesHaveNoCycles(), knowsNot(TORNADO_VM));
  }

  /** What holds in a library on top of that: it has no command line and never ends the process. */
  public static List<ArchRule> library() {
    return List.of(
        packagesHaveNoCycles(),
        knowsNot(TORNADO_VM),
        knowsNot(COMMAND_LINE),
        noClasses().should().callMethod(System.class, "exit", int.class));
  }

  /** What holds in the module of the devices. */
  public static List<ArchRule> devices() {
    return List.of(
        packagesHaveNoCycles(),
        knowsNot(COMMAND_LINE),
        noClasses().should().callMethod(System.class, "exit", int.class));
  }

  private static ArchRule packagesHaveNoCycles() {
    return slices()
        .assignedFrom(
            new SliceAssignment() {
              @Override
              public SliceIdentifier getIdentifierOf(JavaClass each) {
                return SliceIdentifier.of(each.getPackageName());
              }

              @Override
              public String getDescription() {
                return "packages";
              }
            })
        .should()
        .beFreeOfCycles();
  }

  private static ArchRule knowsNot(String packages) {
    return noClasses().should().dependOnClassesThat().resideInAPackage(packages);
  }
}
