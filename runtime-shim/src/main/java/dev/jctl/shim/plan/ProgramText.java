package dev.jctl.shim.plan;

import dev.jctl.shim.plan.Argument.External;
import dev.jctl.shim.plan.Argument.Filter;
import dev.jctl.shim.plan.Argument.Number;
import dev.jctl.shim.plan.Argument.Result;
import dev.jctl.shim.plan.Argument.Struct;
import dev.jctl.shim.plan.Argument.Text;
import dev.jctl.shim.plan.Argument.Texts;
import dev.jctl.shim.plan.Argument.Volume;
import dev.jctl.shim.spec.OciSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Syscall programs as text, for people. */
public final class ProgramText {
  private static final Set<String> FILES =
      Set.of("/etc/hosts", "/etc/hostname", "/etc/resolv.conf");

  /** Those that any record tolerates. */
  private static final Map<Integer, String> ERRNOS =
      Map.of(
          SyscallRecord.ENOENT, "ENOENT",
          SyscallRecord.EBADF, "EBADF",
          SyscallRecord.EEXIST, "EEXIST",
          SyscallRecord.ENOTDIR, "ENOTDIR",
          SyscallRecord.EINVAL, "EINVAL");

  private ProgramText() {}

  /**
   * The program of a container's first process. What only the machine knows is left open: sources
   * of binds count as directories but for the well-known files, and limits are as they are wanted.
   *
   * @param variables texts to be put for {@code $(name)} in the output
   * @param syscalls numbers by name, for the length of filters
   */
  public static List<String> describe(
      OciSpec oci, Map<String, String> variables, Map<String, Integer> syscalls) {
    List<String> files = new ArrayList<>();
    oci.mounts().stream()
        .filter(m -> FILES.contains(m.destination()) && m.source() != null)
        .forEach(m -> files.add(String.valueOf(m.source())));
    String cgroup = oci.linux().cgroupsPath();
    LaunchContext context =
        new LaunchContext(
                List.of(),
                Set.copyOf(files),
                cgroup == null ? List.of() : List.of("$(cgroups)" + cgroup + "/cgroup.procs"),
                List.of(),
                -1,
                Map.of(),
                syscalls,
                List.of(),
                oci.process().terminal() ? "$(terminal)" : "",
                0)
            .withEmptyRoot(true);
    return lines(LaunchPlanner.create(oci, context)).stream()
        .map(line -> substitute(line, variables))
        .toList();
  }

  private static String substitute(String line, Map<String, String> variables) {
    String text = line;
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      text = text.replace("$(" + variable.getKey() + ")", variable.getValue());
    }
    return text;
  }

  /** As it is run: the calls of the thread, the clone, then the records with their numbers. */
  public static List<String> lines(SyscallProgram program) {
    List<String> lines = new ArrayList<>();
    program
        .joins()
        .forEach(
            join ->
                lines.add(
                    "thread: setns(open(\"" + join.path() + "\"), " + flag(join.type()) + ")"));
    List<String> flags = new ArrayList<>(List.of("CLONE_VM", "CLONE_FILES", "CLONE_VFORK"));
    program.namespaces().forEach(type -> flags.add(flag(type)));
    program.group().ifPresent(group -> flags.add("CLONE_INTO_CGROUP"));
    lines.add(
        "thread: clone3("
            + String.join("|", flags)
            + program.group().map(group -> ", open(\"" + group + "\")").orElse("")
            + ")");
    for (int i = 0; i < program.records().size(); i++) {
      lines.add(i + ": " + line(program.records().get(i)));
    }
    return lines;
  }

  private static String flag(String type) {
    return "CLONE_NEW"
        + switch (type) {
          case "mount" -> "NS";
          case "network" -> "NET";
          default -> type.toUpperCase(Locale.ROOT);
        };
  }

  private static String line(SyscallRecord record) {
    StringBuilder text = new StringBuilder(record.call()).append('(');
    text.append(String.join(", ", record.arguments().stream().map(ProgramText::text).toList()));
    text.append(')');
    if (record.minimum() == Long.MIN_VALUE) {
      text.append(" may fail");
    }
    if (record.tolerated() != 0) {
      text.append(" unless ").append(ERRNOS.get((int) -record.tolerated()));
      if (record.skipped() > 0) {
        text.append(", then passes over ").append(record.skipped());
      }
    }
    return text.toString();
  }

  private static String text(Argument argument) {
    return switch (argument) {
      case Number number -> number.text();
      case Text text -> quoted(text.value());
      case Texts texts -> texts.values().stream().map(ProgramText::quoted).toList().toString();
      case Struct struct -> struct.text();
      case Filter filter -> "filter of " + filter.instructions().size() + " instructions";
      case Result result -> "#" + result.record();
      case Volume volume -> "<volume " + volume.index() + ">";
      case External external -> "<" + external.name().name().toLowerCase(Locale.ROOT) + ">";
    };
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
