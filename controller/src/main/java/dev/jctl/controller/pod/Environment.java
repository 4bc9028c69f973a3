package dev.jctl.controller.pod;

import dev.jctl.controller.config.EnvSources;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A container's environment, and {@code $(VAR)} in its texts as Kubernetes expands them. Pure. */
final class Environment {
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final Map<String, String> values = new LinkedHashMap<>();

  static Environment of(
      List<String> image, String hostname, Container container, EnvSources sources) {
    Environment env = new Environment();
    env.values.put("PATH", DEFAULT_PATH);
    env.values.put("HOSTNAME", hostname);
    for (String entry : image) {
      int eq = entry.indexOf('=');
      if (eq > 0) {
        env.values.put(entry.substring(0, eq), entry.substring(eq + 1));
      }
    }
    env.values.putAll(declared(container, sources));
    return env;
  }

  private static Map<String, String> declared(Container container, EnvSources sources) {
    Map<String, String> declared = new LinkedHashMap<>(sources.given());
    for (EnvFromSource from :
        Objects.requireNonNullElse(container.getEnvFrom(), List.<EnvFromSource>of())) {
      declared.putAll(sources.all(from));
    }
    for (EnvVar var : Objects.requireNonNullElse(container.getEnv(), List.<EnvVar>of())) {
      // Only variables declared before are seen: Kubernetes expands in order.
      sources
          .value(container, var)
          .map(value -> var.getValueFrom() == null ? expand(value, declared) : value)
          .ifPresent(value -> declared.put(var.getName(), value));
    }
    return declared;
  }

  List<String> entries() {
    List<String> entries = new ArrayList<>();
    values.forEach((k, v) -> entries.add(k + "=" + v));
    return entries;
  }

  List<String> expandAll(@Nullable List<String> texts) {
    return texts == null ? List.of() : texts.stream().map(t -> expand(t, values)).toList();
  }

  /** {@code $(VAR)} by its value, {@code $$} by {@code $}; what is not known stays as it is. */
  static String expand(String text, Map<String, String> values) {
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      char next = i + 1 < text.length() ? text.charAt(i + 1) : ' ';
      int end = c == '$' && next == '(' ? text.indexOf(')', i) : -1;
      if (c == '$' && next == '$') {
        out.append('$');
        i += 2;
      } else if (end > 0) {
        String whole = text.substring(i, end + 1);
        out.append(values.getOrDefault(text.substring(i + 2, end), whole));
        i = end + 1;
      } else {
        out.append(c);
        i++;
      }
    }
    return out.toString();
  }
}
