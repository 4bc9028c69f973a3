package dev.jctl.shim.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.OciSpec.Mount;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SharedPartsTest {
  private final ObjectMapper json = RuntimeJson.mapper();

  private static OciSpec spec(String command, List<String> masked, Mount... mounts) {
    return new OciSpec(
        OciSpec.VERSION,
        new OciSpec.Root("", false),
        new OciSpec.Process(
            false,
            null,
            new OciSpec.User(0, 0, null, List.of()),
            List.of(command),
            List.of("TEXT={\"a\": \"}\"}"),
            "/",
            null,
            List.of(),
            true,
            null),
        null,
        null,
        List.of(mounts),
        Map.of(),
        new OciSpec.Linux(
            List.of(new OciSpec.Namespace("pid", null)),
            List.of(),
            List.of(),
            List.of(),
            null,
            null,
            null,
            OciSpec.Seccomp.RUNTIME_DEFAULT,
            Map.of(),
            masked,
            List.of()));
  }

  private OciSpec readAgain(OciSpec spec) throws IOException {
    byte[] text = json.writeValueAsBytes(spec);
    return RuntimeJson.sharing(json.readerFor(OciSpec.class), text).readValue(text);
  }

  @Test
  void whatTwoSpecsHaveInCommonIsOneObject() throws IOException {
    Mount proc = new Mount("/proc", "proc", "proc", List.of("nosuid"));
    Mount odd = new Mount("/ö{", "tmpfs", "}\"", List.of("size=\"1k\""));
    OciSpec first = readAgain(spec("/bin/a", List.of("/proc/keys"), proc, odd));
    OciSpec second = readAgain(spec("/bin/ü", List.of("/proc/keys"), odd, proc));
    assertThat(first).isEqualTo(spec("/bin/a", List.of("/proc/keys"), proc, odd));
    assertThat(second).isEqualTo(spec("/bin/ü", List.of("/proc/keys"), odd, proc));
    assertThat(second.linux()).isSameAs(first.linux());
    assertThat(second.mounts().getLast()).isSameAs(first.mounts().getFirst());
  }

  @Test
  void whatDiffersIsNotMixedUp() throws IOException {
    for (int i = 0; i < 300; i++) {
      OciSpec spec =
          spec("/bin/a", List.of("/proc/" + i), new Mount("/m" + i, "proc", "p", List.of()));
      assertThat(readAgain(spec)).isEqualTo(spec);
    }
  }

  @Test
  void aTreeOfItIsReadAsWell() throws IOException {
    OciSpec spec = spec("/bin/a", List.of("/proc/keys"));
    OciSpec read = json.treeToValue(json.valueToTree(spec), OciSpec.class);
    assertThat(read).isEqualTo(spec);
    assertThat(json.readValue(json.writeValueAsString(spec), OciSpec.class)).isEqualTo(spec);
  }
}
