package dev.jctl.images.credential;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Locale;
import java.util.regex.PatternSyntaxException;

/**
 * A key of a configuration file: which registries and repositories an entry is for. As the kubelet
 * reads them: {@code https://} and {@code /v1/}, {@code /v2/} mean nothing, each label of the host
 * may be a glob, ports must be equal, a path is a prefix. Unlike there, the prefix ends with a
 * whole name: {@code host/team} is not for {@code host/teammates}.
 *
 * @param labels of the host, each a glob
 * @param port as it is written, empty when there is none
 * @param path of names with {@code /} between them, empty for all repositories
 */
record RegistryPattern(List<String> labels, String port, String path) {
  RegistryPattern {
    labels = List.copyOf(labels);
  }

  static RegistryPattern parse(String key) {
    String bare = key.strip().replaceFirst("^[A-Za-z][A-Za-z0-9+.-]*://", "");
    int slash = bare.indexOf('/');
    String authority = slash < 0 ? bare : bare.substring(0, slash);
    String path = slash < 0 ? "" : bare.substring(slash);
    String effective = path.replaceFirst("^/v[12](/|$)", "/").replaceAll("^/+|/+$", "");
    return of(authority, effective);
  }

  private static RegistryPattern of(String authority, String path) {
    String host = authority.toLowerCase(Locale.ROOT);
    int colon = host.endsWith("]") ? -1 : host.lastIndexOf(':');
    String name = colon < 0 ? host : host.substring(0, colon);
    return new RegistryPattern(
        List.of(hub(name).split("\\.", -1)), colon < 0 ? "" : host.substring(colon + 1), path);
  }

  private static String hub(String host) {
    return host.equals("index.docker.io") || host.equals("registry-1.docker.io")
        ? "docker.io"
        : host;
  }

  boolean matches(String registry, String repository) {
    RegistryPattern asked = of(registry, "");
    return port.equals(asked.port)
        && labels.size() == asked.labels.size()
        && labelsMatch(asked.labels)
        && (path.isEmpty() || (repository + "/").startsWith(path + "/"));
  }

  private boolean labelsMatch(List<String> host) {
    for (int i = 0; i < labels.size(); i++) {
      if (!labelMatches(labels.get(i), host.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean labelMatches(String glob, String label) {
    if (glob.equals(label) || !glob.matches("[a-z0-9_*?\\[\\]-]+")) {
      return glob.equals(label);
    }
    try {
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
      return matcher.matches(Path.of(label));
    } catch (PatternSyntaxException e) {
      return false;
    }
  }
}
