package dev.jctl.shim.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.OciSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecReaderTest {
  private static final Path BUNDLE = Path.of("/bundle");

  private static Bundle read(String... replacements) {
    String text = Reports.defaultConfig();
    for (int i = 0; i < replacements.length; i += 2) {
      assertThat(text).contains(replacements[i]);
      text = text.replace(replacements[i], replacements[i + 1]);
    }
    return Bundle.parse(BUNDLE, "config.json", text);
  }

  @Test
  void theDefaultConfigurationIsRead() {
    OciSpec spec = read().spec();
    assertThat(spec.root()).isEqualTo(new OciSpec.Root("/bundle/rootfs", true));
    assertThat(spec.process().args()).containsExactly("sh");
    assertThat(spec.linux().namespaces()).hasSize(6);
    assertThat(spec.process().capabilities())
        .satisfies(sets -> assertThat(sets).extracting("ambient").isEqualTo(List.of()));
  }

  @Test
  void numbersOfSixtyFourBitsMayBeUnsigned() {
    OciSpec spec = read("\"soft\": 1024", "\"soft\": 18446744073709551615").spec();
    assertThat(spec.process().rlimits().getFirst().soft()).isEqualTo(-1);
  }

  @Test
  void ofVariablesThatAreThereTwiceTheLastCounts() {
    OciSpec spec = read("\"TERM=xterm\"", "\"TERM=a\", \"B=c\", \"TERM=b=c\"").spec();
    assertThat(spec.process().env())
        .filteredOn(v -> !v.startsWith("PATH="))
        .containsExactly("TERM=b=c", "B=c");
  }

  @Test
  void allIdsOfTheKernelMayBeMapped() {
    OciSpec spec =
        read(
                "\"namespaces\"",
                "\"uidMappings\": [{\"containerID\": 0, \"hostID\": 3000000000, \"size\": 4294967295}],"
                    + " \"namespaces\"")
            .spec();
    assertThat(spec.linux().uidMappings())
        .containsExactly(new OciSpec.IdMapping(0, 3_000_000_000L, 4_294_967_295L));
  }

  @Test
  void hooksKnowWhereTheyStand() {
    Hooks hooks =
        read(
                "\"hostname\"",
                """
                "hooks": {"poststart": [{"path": "/a", "args": ["a", "b"], "timeout": 3}]},
                "hostname\"\
                """)
            .hooks();
    assertThat(hooks.poststart())
        .singleElement()
        .satisfies(
            hook -> {
              assertThat(hook.field()).isEqualTo("hooks.poststart[0]");
              assertThat(hook.command()).containsExactly("/a", "b");
              assertThat(hook.env()).isEmpty();
              assertThat(hook.timeout()).contains(Duration.ofSeconds(3));
            });
    assertThat(hooks.stopsCreation()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"ociVersion\": \"1.2.0\" | \"ociVersion\": \"2.0.0\" | ociVersion: ",
        "\"cwd\": \"/\" | \"cwd\": \"srv\" | process.cwd: ",
        "\"uid\": 0 | \"uid\": -1 | process.user.uid: ",
        "\"soft\": 1024 | \"soft\": 1.5 | process.rlimits[0].soft: ",
        "\"noNewPrivileges\": true | \"noNewPrivileges\": 1 | process.noNewPrivileges: ",
        "\"destination\": \"/proc\" | \"x\": 1 | mounts[0].destination: ",
        "\"type\": \"uts\" | \"type\": \"ipc\" | linux.namespaces[3].type: ",
        "\"hostname\" | \"linux2\":{},\"vm\":{\"a\":1},\"hostname\" | vm: ",
        "\"resources\": { | \"intelRdt\":{\"closID\":\"a\"},\"resources\": { | linux.intelRdt: ",
        "\"access\": \"rwm\" | \"access\": \"x\" | linux.resources.devices[0].access: ",
        "\"noNewPrivileges\" | \"scheduler\":{\"policy\":\"SCHED_ISO\"},\"noNewPrivileges\" |"
            + " process.scheduler.policy: ",
        "\"noNewPrivileges\" | \"ioPriority\":{\"class\":\"x\"},\"noNewPrivileges\" |"
            + " process.ioPriority.class: ",
        "\"resources\": { | \"timeOffsets\":{\"realtime\":{\"secs\":1}},\"resources\": { |"
            + " linux.timeOffsets: ",
        "\"resources\": { | \"personality\":{\"domain\":\"SVR4\"},\"resources\": { |"
            + " linux.personality.domain: ",
        "\"resources\": { | \"resources\": {\"unified\":{\"../x\":\"1\"}, |"
            + " linux.resources.unified: ",
        "\"resources\": { | \"resources\": {\"hugepageLimits\":[{\"pageSize\":\"2\",\"limit\":1}], |"
            + " linux.resources.hugepageLimits[0].pageSize: ",
        "\"resources\": { | \"resources\": {\"blockIO\":{\"weight\":5}, |"
            + " linux.resources.blockIO.weight: "
      })
  void whatIsWrongIsToldWithItsPath(String from, String to, String path) {
    assertThatThrownBy(() -> read(from, to))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageStartingWith(path);
  }

  @Test
  void whatIsNoJsonIsToldWithItsLine() {
    assertThatThrownBy(() -> Bundle.parse(BUNDLE, "config.json", "{\n\"a\": }"))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageStartingWith("config.json is no JSON: line 2: ");
  }
}
