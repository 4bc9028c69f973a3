package dev.jctl.controller.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.testing.Suite;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The examples of RFC 7396, appendix A. */
class MergePatchSuiteTest {
  @TestFactory
  Stream<DynamicTest> agreesWithTheSpecification() throws IOException {
    return Suite.cases("merge-patch")
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.path("target") + " with " + c.path("patch"),
                    () ->
                        assertThat(MergePatch.apply(c.path("target"), c.path("patch")))
                            .isEqualTo(c.path("expected"))));
  }
}
