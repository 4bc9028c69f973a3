package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.ThisProcess;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The OCI command line. Exit codes as those of runc: 0, 1 for a failure, 255 for one of {@code
 * exec}; of {@code run} and {@code exec} that of the process.
 */
public final class JshimMain {
  private static final String USAGE =
      """
      jshim: runs containers of OCI bundles

      usage: jshim [options] COMMAND [options] [arguments]

        create ID             make a container of a bundle (--bundle, default: here)
        start ID              let it run
        run ID                both, and wait for its end
        state ID              what is known of it, as JSON
        kill ID [SIGNAL]      send a signal (--all: to all of its processes)
        delete ID             remove it (--force: also one that runs)
        exec ID COMMAND...    run a further process in it
        list                  all containers
        ps ID                 processes of a container
        pause ID, resume ID   freeze and thaw it
        update ID             change its limits
        events ID             usage and kills for want of memory, as JSON
        features              what this runtime can do, as JSON
        spec                  write a config.json to begin with

      options: --root DIR (default /run/jshim), --log FILE, --log-format text|json, --debug,
        --systemd-cgroup, --cgroup-manager NAME, --version
      """;

  private static final String VERSION = "jshim version 0.1.0\nspec: " + OciSpec.VERSION + "\n";

  private JshimMain() {}

  public static void main(String[] arguments) {
    int status = run(List.of(arguments), System.out, System.err);
    // a thread may be in the kernel as long as its child waits for its start
    System.out.flush();
    ThisProcess.endAtOnce(status);
  }

  /** Exit code. */
  static int run(List<String> words, PrintStream out, PrintStream complaints) {
    @Nullable Invocation invocation = null;
    try {
      invocation = Invocation.parse(words);
      if (invocation.has("version")) {
        out.print(VERSION);
        return 0;
      }
      if (invocation.command().isEmpty() || invocation.has("help")) {
        out.print(USAGE);
        return 0;
      }
      requireLog(invocation);
      Invocation known = invocation;
      return new Commands(invocation, out, warning -> tell(known, "warning", warning, complaints))
          .run();
    } catch (RuntimeException e) {
      tell(invocation, "error", message(e), complaints);
      return invocation != null && invocation.command().equals("exec") ? 255 : 1;
    }
  }

  private static String message(RuntimeException e) {
    String first = e instanceof RuntimeFailure ? String.valueOf(e.getMessage()) : described(e);
    StringBuilder all = new StringBuilder(first);
    for (Throwable further : e.getSuppressed()) {
      all.append("; then: ").append(further.getMessage());
    }
    return all.toString();
  }

  private static String described(RuntimeException e) {
    Throwable cause = e.getCause();
    String first = e.getMessage() == null ? e.toString() : e.getMessage();
    return cause == null ? first : first + ": " + cause;
  }

  /** Whoever asks for a log learns at once that there can be none, not when it is needed. */
  private static void requireLog(Invocation invocation) {
    String format = format(invocation);
    if (!format.equals("text") && !format.equals("json")) {
      throw invalid("--log-format is \"" + format + "\", but must be text or json");
    }
    try {
      append(invocation, "");
    } catch (IOException e) {
      throw new RuntimeFailure(Reason.INVALID, "--log: cannot write it: " + e, e);
    }
  }

  private static String format(Invocation invocation) {
    return invocation.value("log-format").orElse("text");
  }

  private static void tell(
      @Nullable Invocation invocation, String level, String message, PrintStream complaints) {
    complaints.println("jshim: " + message);
    if (invocation == null) {
      return;
    }
    try {
      append(invocation, logLine(format(invocation), level, message) + "\n");
    } catch (IOException e) {
      complaints.println("jshim: --log: " + e);
    }
  }

  private static String logLine(String format, String level, String message) {
    if (!format.equals("json")) {
      return Instant.now() + " " + level + ": " + message;
    }
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("level", level);
    entry.put("msg", message);
    entry.put("time", Instant.now());
    return JsonTree.line(entry);
  }

  private static void append(Invocation invocation, String text) throws IOException {
    Optional<String> file = invocation.value("log").filter(name -> !name.isEmpty());
    if (file.isPresent()) {
      Files.writeString(
          Path.of(file.get()),
          text,
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  /** Of a command line. */
  static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Reason.INVALID, message);
  }
}
