package dev.jctl.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Holds the package graph to what the package descriptions say. */
final class PackageGraphTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.jctl.cli");

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.jctl.(cli..)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void argumentsKnowOnlyTheJdk() {
    classes()
        .that()
        .resideInAPackage("dev.jctl.cli.args")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.jctl.cli.args", "java..", "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void clientKnowsNoCommand() {
    classes()
        .that()
        .resideInAPackage("dev.jctl.cli.client")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.jctl.cli.client",
            "dev.jctl.manifests.json",
            "dev.jctl.manifests.model",
            "com.fasterxml.jackson..",
            "java..",
            "org.jspecify..")
        .check(CLASSES);
  }

  /** They would take longer to load than a command may run. */
  @Test
  void slowLibrariesAreNotUsed() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.fabric8..", "java.net.http..")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("com.fasterxml.jackson.databind.ObjectMapper")
        .check(CLASSES);
  }
}
