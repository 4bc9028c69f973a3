package dev.jctl.shim.command;

import dev.jctl.shim.command.Hooks.Hook;
import dev.jctl.shim.plan.Supported;
import dev.jctl.shim.spec.OciSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Pure: {@code config.json} as values. Properties that the specification does not know are passed
 * over, as it demands; those that it knows and we cannot meet are errors.
 *
 * @see <a href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md">config.md</a>
 */
final class SpecReader {
  private static final long MOST_IDS = Integer.MAX_VALUE;

  private SpecReader() {}

  /**
   * @param bundle an absolute path; the root file system may be relative to it
   */
  static OciSpec spec(Fields config, Path bundle) {
    String version = config.requiredText("ociVersion");
    if (!version.matches("1\\.[0-9]+\\.[0-9]+(-.+)?")) {
      throw config.invalid("ociVersion", "is " + version + ", but only versions 1.x can be read");
    }
    config.refuse("solaris", "windows", "vm", "zos");
    Fields root = config.requiredObject("root");
    Path rootfs = bundle.resolve(root.requiredText("path")).normalize();
    return new OciSpec(
        version,
        new OciSpec.Root(rootfs.toString(), root.flag("readonly")),
        process(config.requiredObject("process")),
        absentIfEmpty(config.text("hostname")),
        absentIfEmpty(config.text("domainname")),
        config.objects("mounts").stream().map(m -> mount(m, bundle)).toList(),
        config.textMap("annotations"),
        LinuxReader.linux(config.requiredObject("linux")));
  }

  private static @Nullable String absentIfEmpty(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  static OciSpec.Process process(Fields process) {
    process.refuse("execCPUAffinity");
    List<String> args = process.texts("args");
    if (args.isEmpty() || args.getFirst().isEmpty()) {
      throw process.invalid("args", "the first names the command; there is none");
    }
    String cwd = process.requiredText("cwd");
    if (!cwd.startsWith("/")) {
      throw process.invalid("cwd", "is " + cwd + ", but must be absolute");
    }
    return new OciSpec.Process(
        process.flag("terminal"),
        process.object("consoleSize").map(SpecReader::consoleSize).orElse(null),
        process
            .object("user")
            .map(SpecReader::user)
            .orElseGet(() -> new OciSpec.User(0, 0, null, List.of())),
        args,
        lastOfEach(process.texts("env")),
        cwd,
        process.object("capabilities").map(SpecReader::capabilities).orElse(null),
        process.objects("rlimits").stream().map(SpecReader::limit).toList(),
        process.flag("noNewPrivileges"),
        process.number("oomScoreAdj", -1000, 1000),
        process.object("scheduler").flatMap(SpecReader::scheduler).orElse(null),
        process.object("ioPriority").map(SpecReader::ioPriority).orElse(null),
        absentIfEmpty(process.text("apparmorProfile")),
        absentIfEmpty(process.text("selinuxLabel")));
  }

  /**
   * Of variables that are there several times the last counts; a C library would take the first.
   */
  static List<String> lastOfEach(List<String> env) {
    Map<String, String> byName = new LinkedHashMap<>();
    for (String variable : env) {
      byName.put(variable.split("=", 2)[0], variable);
    }
    return List.copyOf(byName.values());
  }

  /** One without a policy asks for nothing. */
  private static Optional<OciSpec.Scheduler> scheduler(Fields scheduler) {
    if (!scheduler.has("policy") || String.valueOf(scheduler.text("policy")).isEmpty()) {
      return Optional.empty();
    }
    Integer nice = scheduler.number("nice", -20, 19);
    Integer priority = scheduler.number("priority", 0, 99);
    return Optional.of(
        new OciSpec.Scheduler(
            scheduler.oneOf("policy", Supported.schedulerPolicies()),
            nice == null ? 0 : nice,
            priority == null ? 0 : priority,
            scheduler.someOf("flags", Supported.schedulerFlags()),
            zeroIfAbsent(scheduler.number("runtime")),
            zeroIfAbsent(scheduler.number("deadline")),
            zeroIfAbsent(scheduler.number("period"))));
  }

  private static long zeroIfAbsent(@Nullable Long number) {
    return number == null ? 0 : number;
  }

  private static OciSpec.IoPriority ioPriority(Fields io) {
    Integer priority = io.number("priority", 0, 7);
    return new OciSpec.IoPriority(
        io.oneOf("class", Supported.ioPriorityClasses()), priority == null ? 0 : priority);
  }

  private static OciSpec.@Nullable ConsoleSize consoleSize(Fields size) {
    Integer height = size.number("height", 0, 65535);
    Integer width = size.number("width", 0, 65535);
    return height == null || width == null ? null : new OciSpec.ConsoleSize(height, width);
  }

  private static OciSpec.User user(Fields user) {
    return new OciSpec.User(
        user.id("uid"), user.id("gid"), user.number("umask", 0, 0777), user.ids("additionalGids"));
  }

  private static OciSpec.Capabilities capabilities(Fields sets) {
    return new OciSpec.Capabilities(
        sets.texts("bounding"),
        sets.texts("effective"),
        sets.texts("inheritable"),
        sets.texts("permitted"),
        sets.texts("ambient"));
  }

  private static OciSpec.Rlimit limit(Fields limit) {
    return new OciSpec.Rlimit(
        limit.requiredText("type"), limit.requiredNumber("soft"), limit.requiredNumber("hard"));
  }

  /** A relative source of a bind lies in the bundle. */
  private static OciSpec.Mount mount(Fields mount, Path bundle) {
    List<String> options = mount.texts("options");
    String source = absentIfEmpty(mount.text("source"));
    String type = absentIfEmpty(mount.text("type"));
    boolean bind = "bind".equals(type) || options.contains("bind") || options.contains("rbind");
    return new OciSpec.Mount(
        mount.requiredText("destination"),
        type,
        bind && source != null ? bundle.resolve(source).toString() : source,
        options,
        LinuxReader.mappings(mount, "uidMappings"),
        LinuxReader.mappings(mount, "gidMappings"));
  }

  static Hooks hooks(Fields config) {
    return config
        .object("hooks")
        .map(
            hooks ->
                new Hooks(
                    hooks(hooks, "prestart"),
                    hooks(hooks, "createRuntime"),
                    hooks(hooks, "createContainer"),
                    hooks(hooks, "startContainer"),
                    hooks(hooks, "poststart"),
                    hooks(hooks, "poststop")))
        .orElse(Hooks.NONE);
  }

  private static List<Hook> hooks(Fields hooks, String kind) {
    List<Hook> all = new ArrayList<>();
    for (Fields hook : hooks.objects(kind)) {
      String path = hook.requiredText("path");
      if (!path.startsWith("/")) {
        throw hook.invalid("path", "is " + path + ", but must be absolute");
      }
      Integer timeout = hook.number("timeout", 1, MOST_IDS);
      for (String variable : hook.texts("env")) {
        if (variable.indexOf('=') < 1) {
          throw hook.invalid("env", "has \"" + variable + "\", but each is NAME=VALUE");
        }
      }
      all.add(
          new Hook(
              "hooks." + kind + "[" + all.size() + "]",
              path,
              hook.texts("args"),
              hook.has("env") ? Optional.of(hook.texts("env")) : Optional.empty(),
              Optional.ofNullable(timeout).map(Duration::ofSeconds)));
    }
    return all;
  }
}
