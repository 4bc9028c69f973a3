package dev.jctl.images.registry;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** How a registry wants to know who asks, by its {@code WWW-Authenticate}. RFC 9110, 11.6.1. */
sealed interface Challenge {
  Pattern SCHEME = Pattern.compile("(?:^|,)\\s*(?i:(Bearer|Basic))(?=\\s|$)");
  Pattern PARAMETER =
      Pattern.compile("([A-Za-z_]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))");

  /** User and password. RFC 7617. */
  record Basic() implements Challenge {}

  /**
   * A token of a token service. distribution spec, token authentication.
   *
   * @param realm of the token service
   * @param scope of what is asked for, several with spaces between
   */
  record Bearer(URI realm, String service, String scope) implements Challenge {}

  /** Those that can be answered, in the header's order; several may be in one header. */
  static List<Challenge> parse(String header) {
    Matcher scheme = SCHEME.matcher(header);
    Stream.Builder<Challenge> challenges = Stream.builder();
    int from = 0;
    String name = "";
    while (scheme.find()) {
      of(name, header.substring(from, scheme.start())).ifPresent(challenges);
      name = scheme.group(1);
      from = scheme.end();
    }
    of(name, header.substring(from)).ifPresent(challenges);
    return challenges.build().toList();
  }

  private static Optional<Challenge> of(String scheme, String parameters) {
    if (scheme.equalsIgnoreCase("Basic")) {
      return Optional.of(new Basic());
    }
    if (!scheme.equalsIgnoreCase("Bearer")) {
      return Optional.empty();
    }
    Map<String, String> values = new HashMap<>();
    Matcher matcher = PARAMETER.matcher(parameters);
    while (matcher.find()) {
      String value =
          matcher.group(2) == null
              ? matcher.group(3)
              : matcher.group(2).replaceAll("\\\\(.)", "$1");
      values.put(matcher.group(1), value);
    }
    return realm(values.getOrDefault("realm", ""))
        .map(
            realm ->
                new Bearer(
                    realm, values.getOrDefault("service", ""), values.getOrDefault("scope", "")));
  }

  private static Optional<URI> realm(String text) {
    try {
      URI realm = URI.create(text);
      return realm.isAbsolute() && realm.getHost() != null ? Optional.of(realm) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
