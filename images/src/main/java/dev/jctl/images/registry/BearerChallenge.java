package dev.jctl.images.registry;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a registry says about where to get a token. distribution spec, token authentication.
 *
 * @param realm of the token service
 */
record BearerChallenge(URI realm, String service, String scope) {
  private static final Pattern PARAMETER =
      Pattern.compile("([A-Za-z_]+)\\s*=\\s*(?:\"([^\"]*)\"|([^\\s,\"]+))");

  /**
   * @return empty when it asks for something else than a bearer token
   */
  static Optional<BearerChallenge> parse(String header) {
    if (!header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return Optional.empty();
    }
    Map<String, String> parameters = new HashMap<>();
    Matcher matcher = PARAMETER.matcher(header.substring(7));
    while (matcher.find()) {
      String value = matcher.group(2) == null ? matcher.group(3) : matcher.group(2);
      parameters.put(matcher.group(1), value);
    }
    return realm(parameters.getOrDefault("realm", ""))
        .map(
            realm ->
                new BearerChallenge(
                    realm,
                    parameters.getOrDefault("service", ""),
                    parameters.getOrDefault("scope", "")));
  }

  private static Optional<URI> realm(String text) {
    try {
      URI realm = URI.create(text);
      return realm.isAbsolute() && realm.getHost() != null ? Optional.of(realm) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  URI tokenRequest() {
    StringBuilder uri = new StringBuilder(realm.toString());
    char separator = realm.getQuery() == null ? '?' : '&';
    for (var parameter : Map.of("service", service, "scope", scope).entrySet()) {
      if (!parameter.getValue().isEmpty()) {
        uri.append(separator)
            .append(parameter.getKey())
            .append('=')
            .append(URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8));
        separator = '&';
      }
    }
    return URI.create(uri.toString());
  }
}
