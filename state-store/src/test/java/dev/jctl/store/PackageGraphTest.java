package dev.jctl.store;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.jctl", importOptions = ImportOption.DoNotIncludeTests.class)
final class PackageGraphTest {
  @ArchTest
  static final ArchRule theStoreKnowsNoOtherModule =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "dev.jctl.store..", "java..", "org.rocksdb..", "org.slf4j..", "org.jspecify..");

  /** Who uses the store would not see it if another database took this one's place. */
  @ArchTest
  static final ArchRule theDatabaseIsNotPartOfTheContract =
      noClasses()
          .that()
          .arePublic()
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.rocksdb..");
}
