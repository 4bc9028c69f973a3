package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.exec.ListenerTaker;
import dev.jctl.shim.kernel.DescriptorSocket;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.spec.OciSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who decides what a filter asks, at a socket of its own.
 *
 * @see <a
 *     href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#containerprocessstate">config-linux.md</a>
 */
final class SeccompAgent {
  private SeccompAgent() {}

  /**
   * @param state of the container, as it is published
   */
  static ListenerTaker of(OciSpec.@Nullable Seccomp seccomp, Map<String, @Nullable Object> state) {
    String path = seccomp == null ? null : seccomp.listenerPath();
    if (seccomp == null || path == null) {
      return ListenerTaker.NOBODY;
    }
    return (pid, listener) -> {
      String words = JsonTree.line(process(pid, seccomp.listenerMetadata(), state));
      try {
        DescriptorSocket.send(path, listener, words);
      } catch (KernelException e) {
        throw new RuntimeFailure(
            Reason.INVALID,
            "linux.seccomp.listenerPath: nobody takes the filter's listener: " + e.getMessage(),
            e);
      }
    };
  }

  private static Map<String, @Nullable Object> process(
      int pid, @Nullable String metadata, Map<String, @Nullable Object> state) {
    Map<String, @Nullable Object> process = new LinkedHashMap<>();
    process.put("ociVersion", OciSpec.VERSION);
    process.put("fds", List.of("seccompFd"));
    process.put("pid", pid);
    if (metadata != null) {
      process.put("metadata", metadata);
    }
    process.put("state", state);
    return process;
  }
}
