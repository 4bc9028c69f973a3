package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A command line, taken apart: options of the program, the command, its options and arguments.
 * Pure.
 *
 * @param options by their long name; those without a value have the empty text
 */
record Invocation(String command, Map<String, List<String>> options, List<String> arguments) {
  Invocation {
    options = Map.copyOf(options);
    arguments = List.copyOf(arguments);
  }

  /** Option names with what follows them; {@code =} when that is a value. */
  private static final Set<String> PROGRAM =
      Set.of(
          "root=",
          "log=",
          "log-format=",
          "cgroup-manager=",
          "rootless=",
          "systemd-cgroup",
          "debug",
          "version",
          "help");

  private static final Set<String> CREATE =
      Set.of(
          "bundle=",
          "config=",
          "console-socket=",
          "pid-file=",
          "preserve-fds=",
          "no-pivot",
          "no-new-keyring",
          "no-subreaper");

  private static final Set<String> LIMITS =
      Set.of(
          "resources=",
          "memory=",
          "memory-reservation=",
          "memory-swap=",
          "cpu-share=",
          "cpu-quota=",
          "cpu-period=",
          "cpu-burst=",
          "cpu-idle=",
          "cpu-rt-period=",
          "cpu-rt-runtime=",
          "blkio-weight=",
          "cpuset-cpus=",
          "cpuset-mems=",
          "pids-limit=");

  private static final Set<String> EXEC =
      Set.of(
          "console-socket=",
          "pid-file=",
          "preserve-fds=",
          "process=",
          "cwd=",
          "env=",
          "user=",
          "additional-gids=",
          "cap=",
          "process-label=",
          "apparmor=",
          "cgroup=",
          "tty",
          "detach",
          "no-new-privs",
          "no-subreaper",
          "ignore-paused");

  static final Map<String, Set<String>> COMMANDS =
      Map.ofEntries(
          Map.entry("create", CREATE),
          Map.entry("run", with(CREATE, "detach", "keep")),
          Map.entry("start", Set.of()),
          Map.entry("state", Set.of()),
          Map.entry("kill", Set.of("all", "regex")),
          Map.entry("delete", Set.of("force", "regex")),
          Map.entry("exec", EXEC),
          Map.entry("list", Set.of("format=", "quiet")),
          Map.entry("ps", Set.of("format=")),
          Map.entry("pause", Set.of()),
          Map.entry("resume", Set.of()),
          Map.entry("update", LIMITS),
          Map.entry("events", Set.of("stats", "interval=")),
          Map.entry("features", Set.of()),
          Map.entry("spec", Set.of("bundle=", "rootless")));

  private static final Pattern DURATION = Pattern.compile("0*([1-9][0-9]{0,5})(ms|s|m|)");

  private static final Map<String, String> LETTERS =
      Map.ofEntries(
          Map.entry("a", "all"),
          Map.entry("b", "bundle"),
          Map.entry("c", "cap"),
          Map.entry("d", "detach"),
          Map.entry("e", "env"),
          Map.entry("f", "force"),
          Map.entry("g", "additional-gids"),
          Map.entry("h", "help"),
          Map.entry("p", "process"),
          Map.entry("q", "quiet"),
          Map.entry("r", "resources"),
          Map.entry("t", "tty"),
          Map.entry("u", "user"),
          Map.entry("v", "version"));

  private static Set<String> with(Set<String> options, String... more) {
    Set<String> all = new HashSet<>(options);
    all.addAll(List.of(more));
    return Set.copyOf(all);
  }

  static Invocation parse(List<String> words) {
    Parser parser = new Parser(words);
    parser.options("jshim", PROGRAM);
    String command = parser.next();
    if (command == null) {
      return new Invocation("", parser.options, List.of());
    }
    Set<String> known = COMMANDS.get(command);
    if (known == null) {
      throw invalid("there is no command \"" + command + "\"; see jshim --help");
    }
    List<String> arguments = new ArrayList<>();
    parser.options(command, known);
    while (parser.hasNext()) {
      arguments.add(parser.take());
      // what is behind the container's id is a command with options of its own, or those of ps(1)
      if (!command.equals("exec") && !command.equals("ps")) {
        parser.options(command, known);
      }
    }
    return new Invocation(command, parser.options, arguments);
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Reason.INVALID, message);
  }

  boolean has(String option) {
    return options.containsKey(option);
  }

  /** The last, if it is there several times. */
  Optional<String> value(String option) {
    return values(option).isEmpty() ? Optional.empty() : Optional.of(values(option).getLast());
  }

  List<String> values(String option) {
    return options.getOrDefault(option, List.of());
  }

  /** A whole number that is not negative. */
  int count(String option) {
    String text = value(option).orElse("0");
    if (!text.matches("[0-9]{1,4}")) {
      throw invalid("--" + option + " is \"" + text + "\", but must be a number");
    }
    return Integer.parseInt(text);
  }

  /** As in {@code 100ms}, {@code 5s} or {@code 2m}; a number alone is of seconds. */
  Optional<Duration> duration(String option) {
    return value(option).map(text -> duration(option, text));
  }

  private static Duration duration(String option, String text) {
    Matcher parts = DURATION.matcher(text);
    if (!parts.matches()) {
      throw invalid("--" + option + " is \"" + text + "\", but must be a time as in 5s or 100ms");
    }
    long count = Long.parseLong(parts.group(1));
    return switch (parts.group(2)) {
      case "ms" -> Duration.ofMillis(count);
      case "m" -> Duration.ofMinutes(count);
      default -> Duration.ofSeconds(count);
    };
  }

  String argument(int index, String what) {
    if (index >= arguments.size()) {
      throw invalid(command + ": the " + what + " is missing");
    }
    return arguments.get(index);
  }

  private static final class Parser {
    private final List<String> words;
    private final Map<String, List<String>> options = new HashMap<>();
    private int at;

    Parser(List<String> words) {
      this.words = words;
    }

    boolean hasNext() {
      return at < words.size();
    }

    String take() {
      return words.get(at++);
    }

    @Nullable String next() {
      return hasNext() ? take() : null;
    }

    void options(String command, Set<String> known) {
      while (hasNext() && words.get(at).startsWith("-") && words.get(at).length() > 1) {
        String word = take();
        if (word.equals("--")) {
          return;
        }
        option(command, known, word);
      }
    }

    private void option(String command, Set<String> known, String word) {
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      String longName = name.startsWith("--") ? name.substring(2) : letter(command, name);
      if (known.contains(longName) && equals < 0) {
        options.computeIfAbsent(longName, n -> new ArrayList<>()).add("");
      } else if (known.contains(longName + "=")) {
        String value = equals < 0 ? next() : word.substring(equals + 1);
        if (value == null) {
          throw invalid(command + ": " + name + " needs a value");
        }
        options.computeIfAbsent(longName, n -> new ArrayList<>()).add(value);
      } else if (longName.equals("help")) {
        options.put("help", List.of(""));
      } else {
        throw invalid(command + ": there is no option " + word);
      }
    }

    private static String letter(String command, String name) {
      String letter = name.substring(1);
      if (letter.equals("f") && !command.equals("delete")) {
        return command.equals("create") || command.equals("run") ? "config" : "format";
      }
      return LETTERS.getOrDefault(letter, letter);
    }
  }
}
