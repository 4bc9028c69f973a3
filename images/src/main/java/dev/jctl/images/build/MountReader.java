package dev.jctl.images.build;

import dev.jctl.images.dockerfile.DockerfileException;
import dev.jctl.images.dockerfile.Position;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The value of a {@code --mount} → what is mounted. */
final class MountReader {
  private static final Map<String, String> ALIASES =
      Map.of(
          "dst",
          "target",
          "destination",
          "target",
          "src",
          "source",
          "ro",
          "readonly",
          "rw",
          "readwrite");
  private static final Map<String, Set<String>> FIELDS =
      Map.of(
          "bind", Set.of("target", "source", "from", "readonly", "readwrite"),
          "cache", Set.of("target", "id", "sharing", "readonly", "readwrite", "mode", "uid", "gid"),
          "tmpfs", Set.of("target", "size"),
          "secret", Set.of("target", "id", "required", "mode", "uid", "gid", "env", "source"));
  private static final int CACHE_MODE = 0755;
  private static final int SECRET_MODE = 0400;

  private final Position at;
  private final String workingDir;
  private final Map<String, String> fields;

  private MountReader(Position at, String workingDir, Map<String, String> fields) {
    this.at = at;
    this.workingDir = workingDir;
    this.fields = fields;
  }

  static RunMount read(Position at, String text, String workingDir) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String part : List.of(text.split(",", -1))) {
      int equals = part.indexOf('=');
      String key = (equals < 0 ? part : part.substring(0, equals)).toLowerCase(Locale.ROOT);
      fields.put(ALIASES.getOrDefault(key, key), equals < 0 ? "true" : part.substring(equals + 1));
    }
    return new MountReader(at, workingDir, fields).read();
  }

  private RunMount read() {
    String type = fields.getOrDefault("type", "bind");
    fields.remove("type");
    Set<String> known = FIELDS.get(type);
    if (type.equals("ssh")) {
      throw wrong(
          "no agent is forwarded into builds, which may run on another machine than yours; expected"
              + " type=secret with a key of its own, such as --secret id=key,src=FILE");
    }
    if (known == null) {
      throw wrong("type is bind, cache, tmpfs or secret, not " + type);
    }
    for (String field : fields.keySet()) {
      if (!known.contains(field)) {
        throw wrong("type " + type + " has no " + field);
      }
    }
    return switch (type) {
      case "cache" -> cache();
      case "tmpfs" -> new RunMount.Tmpfs(target(), size());
      case "secret" -> secret();
      default -> bind();
    };
  }

  private RunMount bind() {
    return new RunMount.Bind(
        target(),
        fields.get("from"),
        fields.getOrDefault("source", "/"),
        isOn("readwrite") || "false".equals(fields.get("readonly"))
            ? RunMount.Bind.Writes.DISCARDED
            : RunMount.Bind.Writes.REFUSED);
  }

  private RunMount cache() {
    String sharing = fields.getOrDefault("sharing", "shared");
    if (!Set.of("shared", "private", "locked").contains(sharing)) {
      throw wrong("sharing is shared, private or locked, not " + sharing);
    }
    return new RunMount.Cache(
        target(),
        fields.getOrDefault("id", target()),
        sharing.equals("shared") ? RunMount.Cache.Sharing.SHARED : RunMount.Cache.Sharing.LOCKED,
        isOn("readonly"),
        number("mode", 8, CACHE_MODE),
        number("uid", 10, 0),
        number("gid", 10, 0));
  }

  private RunMount secret() {
    String target = fields.get("target");
    String name = fields.get("id");
    if (name == null) {
      if (target == null) {
        throw wrong("a secret needs an id");
      }
      name = target.substring(target.lastIndexOf('/') + 1);
    }
    String variable = fields.get("env");
    if (variable != null && target == null) {
      return new RunMount.SecretVariable(variable, name, isOn("required"));
    }
    String path = target == null ? "/run/secrets/" + name : Paths.within(workingDir, target);
    return new RunMount.Secret(path, name, isOn("required"), number("mode", 8, SECRET_MODE));
  }

  private String target() {
    String target = fields.get("target");
    if (target == null || target.isEmpty()) {
      throw wrong("target is missing");
    }
    return Paths.within(workingDir, target);
  }

  private boolean isOn(String field) {
    return fields.containsKey(field) && !"false".equals(fields.get(field));
  }

  private int number(String field, int radix, int otherwise) {
    String text = fields.get(field);
    if (text == null) {
      return otherwise;
    }
    try {
      return Integer.parseInt(text, radix);
    } catch (NumberFormatException e) {
      throw wrong(field + " is a number, not " + text);
    }
  }

  private long size() {
    String text = fields.getOrDefault("size", "0").toLowerCase(Locale.ROOT);
    String unit = text.replaceFirst("^[0-9]+", "");
    int shift =
        switch (unit) {
          case "", "b" -> 0;
          case "k", "kb" -> 10;
          case "m", "mb" -> 20;
          case "g", "gb" -> 30;
          default -> throw wrong("size is a number of bytes such as 64m, not " + text);
        };
    String digits = text.substring(0, text.length() - unit.length());
    if (digits.isEmpty() || digits.length() > 9) {
      throw wrong("size is a number of bytes such as 64m, not " + text);
    }
    return Long.parseLong(digits) << shift;
  }

  private DockerfileException wrong(String message) {
    return new DockerfileException(at, "RUN --mount: " + message);
  }
}
