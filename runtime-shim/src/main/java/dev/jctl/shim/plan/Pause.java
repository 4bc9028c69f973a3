package dev.jctl.shim.plan;

import dev.jctl.shim.spec.OciSpec;
import java.util.List;
import java.util.Map;

/** What a process that only holds a namespace may do: it is nobody. */
final class Pause {
  /** As of Kubernetes' own. */
  private static final int NOBODY = 65535;

  static final OciSpec.Process PROCESS =
      new OciSpec.Process(
          false,
          null,
          new OciSpec.User(NOBODY, NOBODY, null, List.of()),
          List.of("jctl-pause"),
          List.of(),
          "/",
          null,
          List.of(),
          true,
          null);

  static final OciSpec.Linux LINUX =
      new OciSpec.Linux(
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          null,
          null,
          null,
          OciSpec.Seccomp.RUNTIME_DEFAULT,
          Map.of(),
          List.of(),
          List.of());

  private Pause() {}
}
