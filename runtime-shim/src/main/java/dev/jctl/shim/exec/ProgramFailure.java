package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.ChildProgram;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.plan.Argument.Text;
import dev.jctl.shim.plan.Argument.Texts;
import dev.jctl.shim.plan.SyscallProgram;
import dev.jctl.shim.plan.SyscallRecord;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Why a program did not get to its end, for the caller. */
final class ProgramFailure {
  private static final Set<Integer> NOT_THERE =
      Set.of(Errno.ENOENT.number(), Errno.ENOTDIR.number());
  private static final Set<Integer> NOT_EXECUTABLE =
      Set.of(Errno.EACCES.number(), Errno.ENOEXEC.number(), Errno.EISDIR.number());

  private ProgramFailure() {}

  /** The child was not made. */
  static RuntimeFailure ofThread(String name, Throwable cause) {
    return cause instanceof KernelException e
        ? of(name, e)
        : new RuntimeFailure(Reason.KERNEL, name + ": " + cause, cause);
  }

  /** The child was made, and is gone. */
  static RuntimeFailure ofProgram(String name, SyscallProgram program, ChildProgram memory) {
    OptionalInt failed = memory.failedRecord();
    if (failed.isEmpty()) {
      String last = program.records().get(memory.currentRecord()).what();
      return new RuntimeFailure(Reason.KERNEL, name + ": killed before its execve, at: " + last);
    }
    SyscallRecord record = program.records().get(failed.getAsInt());
    int errno = (int) -memory.result(failed.getAsInt());
    if (isAttempt(record)) {
      return ofCommand(name, program, memory);
    }
    return of(name, new KernelException(record.what(), errno));
  }

  /** To execute the command, or to see whether that can be done. */
  private static boolean isAttempt(SyscallRecord record) {
    return record.call().equals("execve") || record.call().equals("faccessat");
  }

  private static String path(SyscallRecord attempt) {
    return attempt.arguments().stream()
        .flatMap(argument -> argument instanceof Text text ? Stream.of(text.value()) : null)
        .findFirst()
        .orElse("");
  }

  private static RuntimeFailure of(String name, KernelException e) {
    boolean full = e.is(Errno.ENOSPC) || e.is(Errno.EDQUOT);
    Reason reason = full ? Reason.NO_SPACE : e.is(Errno.ESRCH) ? Reason.NOT_RUNNING : Reason.KERNEL;
    return new RuntimeFailure(reason, name + ": " + e.getMessage(), e);
  }

  /** As a shell does: one that is there but cannot be run matters more than others not found. */
  private static RuntimeFailure ofCommand(
      String name, SyscallProgram program, ChildProgram memory) {
    List<Integer> tried =
        IntStream.range(0, program.records().size())
            .filter(i -> isAttempt(program.records().get(i)))
            .boxed()
            .toList();
    int decisive =
        tried.stream()
            .filter(i -> !NOT_THERE.contains((int) -memory.result(i)))
            .findFirst()
            .orElse(tried.getLast());
    int errno = (int) -memory.result(decisive);
    SyscallRecord record = program.records().get(decisive);
    String path = path(record);
    if (NOT_THERE.contains(errno)) {
      return new RuntimeFailure(Reason.COMMAND_NOT_FOUND, name + ": " + notFound(path, program));
    }
    KernelException cause = new KernelException("execve " + path, errno);
    return NOT_EXECUTABLE.contains(errno)
        ? new RuntimeFailure(
            Reason.COMMAND_NOT_EXECUTABLE,
            name + ": \"" + path + "\" cannot be executed: " + Errno.describe(errno),
            cause)
        : new RuntimeFailure(Reason.KERNEL, name + ": " + cause.getMessage(), cause);
  }

  private static String notFound(String path, SyscallProgram program) {
    String command = command(program.records().getLast(), path);
    return command.contains("/")
        ? "\"" + command + "\": not found in the image (or the interpreter that it names)"
        : "\"" + command + "\": not found in PATH " + searched(program, command) + " of the image";
  }

  /** Its name: a first process has its own and the path before that. */
  private static String command(SyscallRecord last, String path) {
    return last.arguments().stream()
        .flatMap(argument -> argument instanceof Texts(var argv) ? Stream.of(argv) : null)
        .findFirst()
        .map(argv -> argv.get(last.call().equals("execve") ? 0 : 2))
        .orElse(path);
  }

  private static String searched(SyscallProgram program, String command) {
    List<String> directories =
        program.records().stream()
            .filter(ProgramFailure::isAttempt)
            .map(ProgramFailure::path)
            .map(p -> p.substring(0, Math.max(0, p.length() - command.length() - 1)))
            .toList();
    return String.join(":", directories);
  }
}
