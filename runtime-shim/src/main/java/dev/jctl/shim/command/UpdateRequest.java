package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which limits {@code update} is to change. */
final class UpdateRequest {
  private UpdateRequest() {}

  static OciSpec.Resources resources(Invocation invocation) {
    Optional<String> file = invocation.value("resources");
    if (file.isPresent()) {
      String text = read(file.get());
      return LinuxReader.resources(Fields.of("the resources", JsonTree.parse("resources", text)));
    }
    Long processes = number(invocation, "pids-limit");
    return new OciSpec.Resources(
        List.of(),
        new OciSpec.Memory(
            number(invocation, "memory"),
            number(invocation, "memory-reservation"),
            number(invocation, "memory-swap")),
        new OciSpec.Cpu(
            number(invocation, "cpu-share"),
            number(invocation, "cpu-quota"),
            number(invocation, "cpu-period"),
            invocation.value("cpuset-cpus").orElse(null),
            invocation.value("cpuset-mems").orElse(null),
            number(invocation, "cpu-burst"),
            number(invocation, "cpu-rt-runtime"),
            number(invocation, "cpu-rt-period"),
            number(invocation, "cpu-idle")),
        processes == null ? null : new OciSpec.Pids(processes),
        Map.of(),
        blockIo(number(invocation, "blkio-weight")),
        List.of(),
        null,
        Map.of());
  }

  private static OciSpec.@Nullable BlockIo blockIo(@Nullable Long weight) {
    return weight == null
        ? null
        : new OciSpec.BlockIo(weight, null, List.of(), List.of(), List.of(), List.of(), List.of());
  }

  private static String read(String file) {
    try {
      return file.equals("-")
          ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new RuntimeFailure(Reason.INVALID, "--resources: read " + file + ": " + e, e);
    }
  }

  /** With the units of runc: k, m, g. */
  private static @Nullable Long number(Invocation invocation, String option) {
    Optional<String> given = invocation.value(option);
    if (given.isEmpty()) {
      return null;
    }
    String text = given.get().toLowerCase(Locale.ROOT);
    if (!text.matches("-?[0-9]{1,15}[kmg]?b?")) {
      throw new RuntimeFailure(
          Reason.INVALID, "--" + option + ": \"" + given.get() + "\" is no number");
    }
    String plain = text.replaceAll("[kmgb]", "");
    int shift = text.contains("k") ? 10 : text.contains("m") ? 20 : text.contains("g") ? 30 : 0;
    return Long.parseLong(plain) << shift;
  }
}
