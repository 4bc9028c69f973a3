package dev.jctl.controller.api;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * As whom somebody wants to act, by the headers of {@code kubectl --as}. Texts that are not given
 * are empty.
 *
 * @param extras values by key, which only add to what must be allowed
 */
record Impersonation(
    String user, String uid, List<String> groups, Map<String, List<String>> extras) {
  static final Impersonation NONE = new Impersonation("", "", List.of(), Map.of());
  private static final String EXTRA = "impersonate-extra-";

  static Impersonation of(Headers headers) {
    Map<String, List<String>> extras = new TreeMap<>();
    for (Header header : headers) {
      String name = header.name().toLowerCase(Locale.ROOT);
      if (name.startsWith(EXTRA)) {
        extras
            .computeIfAbsent(decoded(name.substring(EXTRA.length())), k -> new ArrayList<>())
            .addAll(header.allValues());
      }
    }
    return new Impersonation(
        first(headers, "Impersonate-User"),
        first(headers, "Impersonate-Uid"),
        headers.all(HeaderNames.create("Impersonate-Group"), List::of),
        extras);
  }

  private static String first(Headers headers, String name) {
    return headers.first(HeaderNames.create(name)).orElse("");
  }

  private static String decoded(String key) {
    try {
      return URLDecoder.decode(key.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return key;
    }
  }

  boolean isNone() {
    return user.isEmpty() && uid.isEmpty() && groups.isEmpty() && extras.isEmpty();
  }
}
