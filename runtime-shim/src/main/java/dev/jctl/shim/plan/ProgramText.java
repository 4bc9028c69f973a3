package dev.jctl.shim.plan;

import dev.jctl.shim.spec.OciSpec;
import java.util.List;
import java.util.Map;

/** Syscall programs as text, for people. */
public final class ProgramText {
  private ProgramText() {}

  public static List<String> describe(OciSpec oci, Map<String, String> variables) {
    return List.of(oci.process().args() + " " + variables);
  }
}
