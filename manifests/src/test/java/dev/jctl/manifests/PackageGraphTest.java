package dev.jctl.manifests;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;

@AnalyzeClasses(
    packages = "dev.jctl.manifests",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class PackageGraphTest {
  @ArchTest
  static final ArchRule modelBelowSchemaBelowCodec =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("model")
          .definedBy("..manifests.model..")
          .layer("schema")
          .definedBy("..manifests.schema..")
          .layer("codec")
          .definedBy("..manifests.codec..")
          .whereLayer("codec")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("schema")
          .mayOnlyBeAccessedByLayers("codec");

  @ArchTest
  static final ArchRule noCycles =
      slices().matching("dev.jctl.manifests.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheModelKnowsFabric8 =
      ArchRuleDefinition.noClasses()
          .that()
          .resideOutsideOfPackage("..manifests.model..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.fabric8..");

  @ArchTest
  static final ArchRule onlyTheCodecKnowsSnakeYaml =
      ArchRuleDefinition.noClasses()
          .that()
          .resideOutsideOfPackage("..manifests.codec..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.yaml..");
}
