package dev.jctl.controller;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackageGraphTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new DoNotIncludeTests())
          .importPackages("dev.jctl.controller");

  /** A package, and what of this project it may know: packages of the controller, or modules. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ':',
      value = {
        "access     :",
        "protobuf   :",
        "spdy       :",
        "merge      : manifests",
        "admission  : manifests merge",
        "resources  : manifests store admission merge",
        "watch      : manifests store resources",
        "encryption : manifests store resources",
        "status     : manifests resources",
        "queue      : manifests resources",
        "event      : manifests resources watch status",
        "probe      : shim",
        "drift      : manifests resources watch status sets workload",
        "namespace  : manifests resources watch status queue",
        "gc         : manifests resources watch status queue",
        "build      : manifests shim images resources watch status queue git",
        "image      : manifests shim images resources watch status queue event build sets",
        "distribution : manifests images resources watch",
        "network    : manifests shim resources watch status queue event drift sets",
        "service    : manifests shim resources watch status queue event network config access",
        "policy     : manifests shim resources watch queue network",
        "volume     : manifests shim resources watch status queue event drift",
        "snapshot   : manifests shim resources watch status queue event volume probe",
        "container  : manifests resources status queue event network drift",
        "config     : manifests shim resources",
        "git        :",
        "sets       : manifests store resources watch status",
        "manifestset : manifests resources watch status queue event sets drift",
        "gitrepository : manifests images resources watch status queue event config git sets overlay"
            + " sops image drift",
        "overlay    : manifests merge",
        "sops       : manifests",
        "webhook    : manifests resources config",
        "usage      : manifests shim resources watch",
        "node       : manifests shim images resources status queue usage",
        "pod        : manifests shim images resources watch status queue event probe network volume"
            + " config drift access",
        "plan       : manifests shim images resources merge container image pod config",
        "rbac       : manifests resources watch access",
        "audit      : access rbac",
        "role       : manifests resources watch status queue",
        "workload   : manifests resources status",
        "replicaset : manifests resources watch status queue event workload",
        "deployment : manifests resources watch status queue event workload config",
        "job        : manifests resources watch status queue event workload",
        "cronjob    : manifests resources watch status queue event workload",
        "api        : manifests shim images store resources watch status admission merge access"
            + " rbac audit protobuf spdy usage sets image build plan encryption webhook"
            + " distribution",
      })
  void knowsOnlyItsNeighbours(String name, String neighbours) {
    String[] known =
        Arrays.stream((name + " " + neighbours).split(" +"))
            .map(PackageGraphTest::pattern)
            .toArray(String[]::new);
    classes()
        .that()
        .resideInAPackage("dev.jctl.controller." + name)
        .should()
        .onlyDependOnClassesThat(not(resideInAPackage("dev.jctl..")).or(resideInAnyPackage(known)))
        .check(CLASSES);
  }

  private static String pattern(String name) {
    return switch (name) {
      case "manifests", "images", "store", "shim" -> "dev.jctl." + name + "..";
      default -> "dev.jctl.controller." + name;
    };
  }

  @Test
  void hasNoCycles() {
    slices().matching("dev.jctl.controller.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyTheApiKnowsTheWebServer() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.jctl.controller.api")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.helidon..")
        .check(CLASSES);
  }

  @Test
  void onlyGitKnowsItsLibrary() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.jctl.controller.git")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.eclipse.jgit..", "org.apache.sshd..")
        .check(CLASSES);
  }

  @Test
  void callsNothingNative() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("jnr..", "com.kenai..", "org.rocksdb..")
        .check(CLASSES);
  }
}
