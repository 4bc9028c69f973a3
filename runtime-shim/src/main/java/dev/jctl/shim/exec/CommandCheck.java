package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.plan.LaunchPlanner;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * Whether a command is there at all, asked before its process waits for a start that its maker will
 * not see. The words are those that engines look for in the messages of runtimes.
 */
final class CommandCheck {
  private static final int S_IFMT = 0170000;
  private static final int S_IFREG = 0100000;
  private static final int EXECUTABLE = 0111;
  private static final long CONFINED = Kernel.RESOLVE_IN_ROOT | Kernel.RESOLVE_NO_MAGICLINKS;

  private CommandCheck() {}

  /**
   * @param pid of a process with the root file system in which it is looked for
   */
  static void check(String id, int pid, OciSpec.Process process) {
    int root = Kernel.open("/proc/" + pid + "/root", Kernel.O_PATH | Kernel.O_DIRECTORY, 0);
    try {
      boolean found = false;
      for (String candidate : LaunchPlanner.commands(process)) {
        String path = candidate.startsWith("/") ? candidate : process.cwd() + "/" + candidate;
        OptionalInt mode = mode(root, path);
        if (mode.isPresent() && isProgram(mode.getAsInt())) {
          return;
        }
        found |= mode.isPresent();
      }
      throw failure(id, process.args().getFirst(), found);
    } finally {
      Kernel.close(root);
    }
  }

  private static boolean isProgram(int mode) {
    return (mode & S_IFMT) == S_IFREG && (mode & EXECUTABLE) != 0;
  }

  private static OptionalInt mode(int root, String path) {
    int file;
    try {
      file = Kernel.openat2(root, path, Kernel.O_PATH, 0, CONFINED);
    } catch (KernelException notThere) {
      return OptionalInt.empty();
    }
    try {
      Object mode = Files.getAttribute(Path.of("/proc/self/fd/" + file), "unix:mode");
      return mode instanceof Integer bits ? OptionalInt.of(bits) : OptionalInt.empty();
    } catch (IOException gone) {
      return OptionalInt.empty();
    } finally {
      Kernel.close(file);
    }
  }

  private static RuntimeFailure failure(String id, String command, boolean found) {
    if (found) {
      return new RuntimeFailure(
          Reason.COMMAND_NOT_EXECUTABLE,
          id
              + ": process.args[0]: exec \""
              + command
              + "\": permission denied: no executable file");
    }
    String where =
        command.contains("/")
            ? "no such file or directory"
            : "executable file not found in $PATH of process.env";
    return new RuntimeFailure(
        Reason.COMMAND_NOT_FOUND, id + ": process.args[0]: exec \"" + command + "\": " + where);
  }
}
