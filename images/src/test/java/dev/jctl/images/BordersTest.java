package dev.jctl.images;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

class BordersTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new DoNotIncludeTests())
          .importPackages("dev.jctl.images");

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.jctl.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void knowsNoOtherModule() {
    DescribedPredicate<JavaClass> ours =
        JavaClass.Predicates.resideInAPackage("dev.jctl.images..")
            .or(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage("dev.jctl..")));
    classes().should().onlyDependOnClassesThat(ours).check(CLASSES);
  }
}
