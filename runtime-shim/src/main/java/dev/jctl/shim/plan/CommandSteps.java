package dev.jctl.shim.plan;

import static dev.jctl.shim.plan.Argument.number;
import static dev.jctl.shim.plan.ProgramBuilder.NULL;

import dev.jctl.shim.plan.Argument.External;
import dev.jctl.shim.plan.Argument.Name;
import dev.jctl.shim.plan.Argument.Number;
import dev.jctl.shim.plan.Argument.Struct;
import dev.jctl.shim.plan.Argument.Text;
import dev.jctl.shim.plan.Argument.Texts;
import dev.jctl.shim.spec.OciSpec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The beginning and the end of every program: descriptors, waiting, signals, execve. */
final class CommandSteps {
  static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final Number CLOEXEC = new Number(02000000, "O_CLOEXEC");
  private static final Number KEPT = new Number(0, "0");

  /** The last descriptor that there could be. */
  static final Number ALL = new Number(0xffff_ffffL, "UINT_MAX");

  /**
   * Signals that a process started from a shell may have been told to ignore; execve would keep
   * that.
   */
  private static final List<Integer> RESET_SIGNALS = List.of(1, 2, 3, 13);

  private static final int SIGCHLD = 17;
  private static final Number SIG_DFL = new Number(0, "SIG_DFL");
  private static final Number SIG_IGN = new Number(1, "SIG_IGN");

  /** Exit code of shells. */
  private static final int NOT_EXECUTABLE = 126;

  private CommandSteps() {}

  /**
   * Leaves our table of descriptors for a small one, and says that the process is there. A copy of
   * ours would stay as large as it is; until here it is the same, which costs nothing.
   */
  static void begin(ProgramBuilder program) {
    program.add(
        "leave our descriptors",
        "close_range",
        new External(Name.UNNEEDED),
        ALL,
        new Number(2, "CLOSE_RANGE_UNSHARE"));
    tell(program, SyscallProgram.MADE);
  }

  /** Nothing but its own descriptors: neither ours nor those of other starts. */
  static void descriptors(ProgramBuilder program, LaunchContext context, List<Argument> more) {
    duplicate(program, new External(Name.STDIN), 0, KEPT);
    duplicate(program, new External(Name.STDOUT), 1, KEPT);
    duplicate(program, new External(Name.STDERR), 2, KEPT);
    duplicate(program, new External(Name.START), context.startDescriptor(), CLOEXEC);
    for (int i = 0; i < more.size(); i++) {
      duplicate(program, more.get(i), context.moreDescriptors() + i, CLOEXEC);
    }
    closeFrom(program, context.moreDescriptors() + more.size());
    program.add("umask", "umask", new Number(0, "0"));
  }

  static void closeFrom(ProgramBuilder program, int first) {
    program.add("close descriptors", "close_range", number(first), ALL, number(0));
  }

  private static void duplicate(ProgramBuilder program, Argument from, int to, Number flags) {
    program.add("make descriptor " + to, "dup3", from, number(to), flags);
  }

  /** A session and a keyring of its own, led by this process; its terminal is descriptor 0. */
  static void session(ProgramBuilder program, boolean terminal) {
    // there may be no keyrings, or no quota left for one; others' are out of reach all the same
    program.add(
        SyscallRecord.of(
                "leave our keyring", "keyctl", new Number(1, "KEYCTL_JOIN_SESSION_KEYRING"), NULL)
            .mayFail());
    program.add("setsid", "setsid");
    if (terminal) {
      program.add(
          "make the terminal controlling",
          "ioctl",
          number(0),
          new Number(0x540E, "TIOCSCTTY"),
          number(0));
    }
  }

  static void cgroups(ProgramBuilder program, List<String> files) {
    for (String path : files) {
      Argument file = program.add(ProgramBuilder.openHost(path, ProgramBuilder.Open.WRITE));
      program.add("join cgroup by " + path, "write", file, new Text("0"), number(1));
    }
  }

  /** Says that the stage is reached, and waits for the parent; its death ends the program. */
  static void await(ProgramBuilder program, LaunchContext context, int stage) {
    awaitAt(program, context.startDescriptor(), stage);
  }

  /** The same, at that descriptor. */
  static void awaitAt(ProgramBuilder program, int descriptor, int stage) {
    tell(program, stage);
    program.add(
        SyscallRecord.of(
                "wait for the parent",
                "read",
                number(descriptor),
                new Struct(List.of(0L), "byte"),
                number(1))
            .atLeast(1));
  }

  /** Says that the stage is reached. */
  static void tell(ProgramBuilder program, int stage) {
    External word = new External(Name.STAGE);
    program.add(
        "tell stage " + stage,
        "futex",
        word,
        new Number(5, "FUTEX_WAKE_OP"),
        number(Integer.MAX_VALUE),
        number(0),
        word,
        new Number((long) stage << 12, "FUTEX_OP_SET " + stage));
  }

  static void execute(ProgramBuilder program, OciSpec.Process process) {
    signals(program);
    List<SyscallRecord> attempts = attempts(process);
    attempts.subList(0, attempts.size() - 1).forEach(attempt -> program.add(attempt.mayFail()));
    program.add(attempts.getLast());
  }

  /** Of the host. */
  static void execute(ProgramBuilder program, String path, List<String> args, List<String> env) {
    signals(program);
    program.add("execve " + path, "execve", new Text(path), new Texts(args), new Texts(env));
  }

  /** For one whose maker is gone: it says itself that it could not, as a shell does. */
  static void executeUnwatched(ProgramBuilder program, OciSpec.Process process) {
    signals(program);
    attempts(process).forEach(attempt -> program.add(attempt.mayFail()));
    String complaint = process.args().getFirst() + ": cannot be executed\n";
    int bytes = complaint.getBytes(StandardCharsets.UTF_8).length;
    program.add(
        SyscallRecord.of("complain", "write", number(2), new Text(complaint), number(bytes))
            .mayFail());
    program.add("end", "exit_group", number(NOT_EXECUTABLE));
  }

  /**
   * As the child of a first process, which finds its path and arguments among its own. Whether the
   * command is there is looked at before: nobody would hear of it afterwards.
   *
   * @param first descriptor of that one's program
   */
  static void executeBelow(ProgramBuilder program, OciSpec.Process process, Number first) {
    RESET_SIGNALS.forEach(signal -> action(program, signal, SIG_DFL));
    List<String> paths = candidates(process);
    for (String path : paths.subList(0, paths.size() - 1)) {
      Argument found = program.add(access(path).mayFail());
      // zero, which is a descriptor, or an error, which is none
      program.add(
          SyscallRecord.of("pass over " + path, "fcntl", found, new Number(1, "F_GETFD"))
              .skipping(1, SyscallRecord.EBADF));
      program.add(executeFirst(first, below(path, process.args()), process.env()));
    }
    program.add(access(paths.getLast()));
    program.add(executeFirst(first, below(paths.getLast(), process.args()), process.env()));
  }

  private static SyscallRecord access(String path) {
    return SyscallRecord.of(
        "look for " + path,
        "faccessat",
        ProgramBuilder.AT_FDCWD,
        new Text(path),
        new Number(1, "X_OK"));
  }

  private static List<String> below(String path, List<String> args) {
    return Stream.concat(Stream.of("jctl-init", path), args.stream()).toList();
  }

  /** What reaps by ignoring the ends of its children. */
  static void pause(ProgramBuilder program, Number first) {
    RESET_SIGNALS.forEach(signal -> action(program, signal, SIG_DFL));
    action(program, SIGCHLD, SIG_IGN);
    unblock(program);
    program.add(executeFirst(first, Pause.PROCESS.args(), Pause.PROCESS.env()));
  }

  private static SyscallRecord executeFirst(Number first, List<String> args, List<String> env) {
    return SyscallRecord.of(
        "execute the first process",
        "execveat",
        first,
        new Text(""),
        new Texts(args),
        new Texts(env),
        new Number(0x1000, "AT_EMPTY_PATH"));
  }

  private static void signals(ProgramBuilder program) {
    RESET_SIGNALS.forEach(signal -> action(program, signal, SIG_DFL));
    unblock(program);
  }

  private static void action(ProgramBuilder program, int signal, Number handler) {
    program.add(
        (handler.equals(SIG_DFL) ? "reset signal " : "ignore signal ") + signal,
        "rt_sigaction",
        number(signal),
        new Struct(List.of(handler.value(), 0L, 0L, 0L), handler.text()),
        NULL,
        number(8));
  }

  private static void unblock(ProgramBuilder program) {
    program.add(
        "unblock signals",
        "rt_sigprocmask",
        new Number(2, "SIG_SETMASK"),
        new Struct(List.of(0L), "{}"),
        NULL,
        number(8));
  }

  private static List<SyscallRecord> attempts(OciSpec.Process process) {
    return candidates(process).stream()
        .map(
            path ->
                SyscallRecord.of(
                    "execve " + path,
                    "execve",
                    new Text(path),
                    new Texts(process.args()),
                    new Texts(process.env())))
        .toList();
  }

  /** The paths at which the command is looked for, in order. */
  static List<String> candidates(OciSpec.Process process) {
    if (process.args().isEmpty() || process.args().getFirst().isEmpty()) {
      throw Invalid.of("the process has no command");
    }
    String command = process.args().getFirst();
    return command.contains("/")
        ? List.of(command)
        : Arrays.stream(searchPath(process).split(":", -1))
            .map(d -> d.isEmpty() ? command : d + "/" + command)
            .toList();
  }

  /** {@code PATH} of the process's own environment. */
  static String searchPath(OciSpec.Process process) {
    return process.env().stream()
        .filter(v -> v.startsWith("PATH="))
        .map(v -> v.substring("PATH=".length()))
        .filter(path -> !path.isEmpty())
        .reduce((first, second) -> second)
        .orElse(DEFAULT_PATH);
  }
}
