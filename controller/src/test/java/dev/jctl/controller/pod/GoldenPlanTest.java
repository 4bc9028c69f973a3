package dev.jctl.controller.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A Pod as a manifest → the actions that start it, and the OCI spec of its first container. */
class GoldenPlanTest {
  private static final Path CASES = Path.of("src/test/resources/cases/pod");
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_EMPTY, JsonInclude.Include.NON_EMPTY))
          .build();

  static List<Path> cases() throws IOException {
    try (Stream<Path> directories = Files.list(CASES)) {
      return directories.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void plansAsWrittenDown(Path directory) throws IOException {
    DesiredPod pod = Pods.desired(Files.readString(directory.resolve("manifest.yaml")));
    compare(directory.resolve("plan.txt"), plan(pod));
    compare(directory.resolve("oci.json"), oci(pod));
  }

  /**
   * {@code -Dgolden.write=true} writes what is planned now; read the difference before it is kept.
   */
  private static void compare(Path file, String actual) throws IOException {
    if (Boolean.getBoolean("golden.write")) {
      Files.writeString(file, actual);
    }
    assertThat(actual).isEqualTo(Files.readString(file));
  }

  private static String plan(DesiredPod pod) {
    return new PodLife(pod)
        .plan().actions().stream()
            .map(GoldenPlanTest::line)
            .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String line(PodAction action) {
    String name = action.getClass().getSimpleName();
    return switch (action) {
      case PodAction.CreateSandbox a ->
          name
              + " "
              + a.spec().hostname()
              + " "
              + a.spec().networks()
              + " "
              + new java.util.TreeMap<>(a.spec().hosts());
      case PodAction.RunContainer a ->
          name
              + " "
              + a.spec().id()
              + " user="
              + a.spec().user()
              + " volumes="
              + a.spec().volumes()
              + " stop="
              + a.spec().stopSignal();
      case PodAction.StartContainer a -> name + " " + a.containerId();
      case PodAction.PublishPorts a -> name + " " + a.ports();
      case PodAction.WriteFiles a -> name + " " + a.content();
      case PodAction.RepairEmptyDir a -> name + " " + a.volume().id();
      case PodAction.EnsureEmptyDir a -> name + " " + a.volume();
      default -> name;
    };
  }

  private static String oci(DesiredPod pod) throws IOException {
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    return JSON.writer(printer).writeValueAsString(pod.containers().getFirst().template().oci())
        + "\n";
  }
}
