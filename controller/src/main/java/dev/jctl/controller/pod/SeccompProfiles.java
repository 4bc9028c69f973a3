package dev.jctl.controller.pod;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.json.Json;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Seccomp profiles of the machine, for {@code seccompProfile.type: Localhost}: files in the form of
 * the OCI runtime spec, as those of kubelet.
 *
 * @see <a
 *     href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#seccomp">config-linux.md</a>
 */
public interface SeccompProfiles {
  /** By their path. */
  OciSpec.Seccomp get(String path);

  /** Of Pods that are only looked at: what a profile is called stands for what is in it. */
  SeccompProfiles NAMES =
      path -> new OciSpec.Seccomp("SCMP_ACT_ALLOW", null, List.of("profile " + path), List.of());

  /** Those that were read before. */
  static SeccompProfiles of(Map<String, OciSpec.Seccomp> profiles) {
    return path -> {
      OciSpec.Seccomp profile = profiles.get(path);
      if (profile == null) {
        throw new IllegalArgumentException("seccomp profile " + path + " was not read");
      }
      return profile;
    };
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException with what is wrong with it
   */
  static OciSpec.Seccomp read(Path directory, String path) {
    try {
      Path root = directory.toRealPath();
      Path file = root.resolve(path).toRealPath();
      if (!file.startsWith(root) || !Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
        throw new IllegalArgumentException(
            "no regular file of at most " + MOST_BYTES + " bytes in " + root);
      }
      return parse(Json.read(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot be read: " + e, e);
    }
  }

  /** The largest that are in use have some 30 kB. */
  int MOST_BYTES = 1 << 20;

  private static OciSpec.Seccomp parse(JsonNode profile) {
    for (String unsupported : List.of("flags", "listenerPath", "listenerMetadata")) {
      refuse(profile, unsupported);
    }
    return new OciSpec.Seccomp(
        text(profile, "defaultAction"),
        number(profile, "defaultErrnoRet"),
        texts(profile.path("architectures")),
        list(profile.path("syscalls")).map(SeccompProfiles::rule).toList());
  }

  private static OciSpec.SyscallRule rule(JsonNode rule) {
    // of moby's own form: rules that depend on the host or on capabilities
    refuse(rule, "includes");
    refuse(rule, "excludes");
    return new OciSpec.SyscallRule(
        texts(rule.path("names")),
        text(rule, "action"),
        number(rule, "errnoRet"),
        list(rule.path("args"))
            .map(
                a ->
                    new OciSpec.SyscallArg(
                        a.path("index").asInt(),
                        a.path("value").asLong(),
                        a.path("valueTwo").asLong(),
                        text(a, "op")))
            .toList());
  }

  private static void refuse(JsonNode object, String field) {
    if (!object.path(field).isEmpty()) {
      throw new IllegalArgumentException(field + " is not supported");
    }
  }

  private static String text(JsonNode object, String field) {
    if (!object.path(field).isTextual()) {
      throw new IllegalArgumentException(field + " is missing, or no text");
    }
    return object.path(field).textValue();
  }

  private static @Nullable Integer number(JsonNode object, String field) {
    return object.path(field).isInt() ? object.path(field).intValue() : null;
  }

  private static List<String> texts(JsonNode array) {
    return list(array).map(JsonNode::asText).toList();
  }

  private static Stream<JsonNode> list(JsonNode array) {
    return array.valueStream();
  }
}
