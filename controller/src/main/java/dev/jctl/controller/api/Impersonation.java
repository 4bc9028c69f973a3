package dev.jctl.controller.api;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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
  private static final HeaderName USER = HeaderNames.create("Impersonate-User");
  private static final HeaderName UID = HeaderNames.create("Impersonate-Uid");
  private static final HeaderName GROUP = HeaderNames.create("Impersonate-Group");

  static Impersonation of(Headers headers) {
    Map<String, List<String>> extras = new TreeMap<>();
    for (Header header : headers) {
      String name = header.headerName().lowerCase();
      if (name.startsWith(EXTRA)) {
        extras
            .computeIfAbsent(decoded(name.substring(EXTRA.length())), k -> new ArrayList<>())
            .addAll(header.allValues());
      }
    }
    return new Impersonation(
        headers.first(USER).orElse(""),
        headers.first(UID).orElse(""),
        headers.all(GROUP, List::of),
        extras);
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
