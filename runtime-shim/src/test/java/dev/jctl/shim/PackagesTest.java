package dev.jctl.shim;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The module's package graph. */
@AnalyzeClasses(packages = "dev.jctl.shim", importOptions = ImportOption.DoNotIncludeTests.class)
final class PackagesTest {
  @ArchTest
  static final ArchRule NO_CYCLES =
      slices().matching("dev.jctl.(shim..)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule ONLY_KERNEL_IS_NATIVE =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.jctl.shim.kernel..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jnr..", "com.kenai..", "java.lang.foreign..");

  @ArchTest
  static final ArchRule SPEC_IS_VALUES_ONLY =
      classes()
          .that()
          .resideInAPackage("dev.jctl.shim.spec..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", "dev.jctl.shim.spec..", "org.jspecify..");

  @ArchTest
  static final ArchRule PLANS_ARE_PURE =
      noClasses()
          .that()
          .resideInAPackage("dev.jctl.shim.plan..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.jctl.shim.kernel..", "java.nio.channels..", "org.slf4j..");

  @ArchTest
  static final ArchRule NOTHING_KNOWS_THE_IMPLEMENTATION =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.jctl.shim.local..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.jctl.shim.local..");

  private PackagesTest() {}
}
