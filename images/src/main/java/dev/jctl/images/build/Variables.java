package dev.jctl.images.build;

import dev.jctl.images.dockerfile.DockerfileException;
import dev.jctl.images.dockerfile.Instruction;
import dev.jctl.images.dockerfile.Instruction.Setting;
import dev.jctl.images.dockerfile.Position;
import dev.jctl.images.dockerfile.ShellWords;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The variables that an instruction sees: ENV before ARG. An ARG counts from its own line on, to
 * the end of its stage. Dockerfile reference, "ARG", "Scope".
 */
final class Variables {
  /** Given to every RUN when the build is given them, without an ARG and without a trace. */
  static final List<String> PROXIES =
      List.of(
          "HTTP_PROXY",
          "http_proxy",
          "HTTPS_PROXY",
          "https_proxy",
          "FTP_PROXY",
          "ftp_proxy",
          "NO_PROXY",
          "no_proxy",
          "ALL_PROXY",
          "all_proxy");

  private final Map<String, String> given;
  private final Map<String, String> globals;
  private final char escape;
  private final Map<String, String> args = new LinkedHashMap<>();

  /**
   * @param given with the build
   * @param globals values of ARGs before the first FROM
   */
  Variables(Map<String, String> given, Map<String, String> globals, char escape) {
    this.given = given;
    this.globals = globals;
    this.escape = escape;
  }

  /** What ARGs before the first FROM are worth, with those that every build has. */
  static Map<String, String> globals(
      List<Instruction.Arg> declared, Map<String, String> given, char escape) {
    Map<String, String> platform = platform();
    Variables variables = new Variables(given, platform, escape);
    platform.keySet().forEach(name -> variables.declare(name, null));
    for (Instruction.Arg arg : declared) {
      variables.declare(arg, Map.of());
    }
    Map<String, String> values = new LinkedHashMap<>(platform);
    values.putAll(variables.args);
    return values;
  }

  private static Map<String, String> platform() {
    String architecture = dev.jctl.images.Platforms.hostArchitecture();
    Map<String, String> values = new LinkedHashMap<>();
    for (String side : List.of("TARGET", "BUILD")) {
      values.put(side + "PLATFORM", "linux/" + architecture);
      values.put(side + "OS", "linux");
      values.put(side + "ARCH", architecture);
      values.put(side + "VARIANT", "");
    }
    return values;
  }

  void declare(Instruction.Arg arg, Map<String, String> env) {
    for (Setting setting : arg.settings()) {
      String value = setting.value();
      declare(setting.name(), value == null ? null : expand(arg.at(), value, env));
    }
  }

  private void declare(String name, @Nullable String otherwise) {
    String value = given.get(name);
    if (value == null) {
      value = otherwise == null ? globals.get(name) : otherwise;
    }
    if (value != null) {
      args.put(name, value);
    }
  }

  /**
   * @throws DockerfileException at {@code at}
   */
  String expand(Position at, String text, Map<String, String> env) {
    try {
      return ShellWords.expand(text, escape, name -> value(name, env));
    } catch (IllegalArgumentException e) {
      throw new DockerfileException(at, String.valueOf(e.getMessage()));
    }
  }

  String expandDocument(Position at, String text, Map<String, String> env) {
    try {
      return ShellWords.expandDocument(text, escape, name -> value(name, env));
    } catch (IllegalArgumentException e) {
      throw new DockerfileException(at, String.valueOf(e.getMessage()));
    }
  }

  private @Nullable String value(String name, Map<String, String> env) {
    String set = env.get(name);
    return set == null ? args.get(name) : set;
  }

  /** What a RUN has in its environment. */
  Map<String, String> forRun(Map<String, String> env) {
    Map<String, String> all = new LinkedHashMap<>(args);
    all.putAll(env);
    return all;
  }

  Map<String, String> proxies() {
    Map<String, String> proxies = new LinkedHashMap<>();
    for (String name : PROXIES) {
      String value = given.get(name);
      if (value != null) {
        proxies.put(name, value);
      }
    }
    return proxies;
  }
}
