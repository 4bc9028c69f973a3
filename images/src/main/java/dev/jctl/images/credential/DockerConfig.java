package dev.jctl.images.credential;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.jctl.images.RegistryCredential;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Docker's {@code config.json}, as far as it is about registries. Pure. */
public final class DockerConfig {
  private static final int MAX_DEPTH = 32;
  private static final JsonMapper MAPPER =
      new JsonMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
              .build());

  private final List<Entry> entries;
  private final Map<String, String> helpers;
  private final String store;

  private record Entry(String key, RegistryPattern pattern, RegistryCredential credential) {}

  private DockerConfig(List<Entry> entries, Map<String, String> helpers, String store) {
    // The more special key comes first: of two that match, the longer one is.
    this.entries = entries.stream().sorted(Comparator.comparing(Entry::key).reversed()).toList();
    this.helpers = Map.copyOf(helpers);
    this.store = store;
  }

  /**
   * {@code config.json} of docker, {@code auth.json} of containers, {@code .dockerconfigjson} of a
   * Secret.
   *
   * @param origin for messages
   * @throws IllegalArgumentException saying where it is wrong, without anything of the content
   */
  public static DockerConfig parse(String origin, byte[] content) {
    JsonNode root = object(origin, content);
    Map<String, String> helpers = new LinkedHashMap<>();
    root.path("credHelpers")
        .properties()
        .forEach(h -> helpers.put(h.getKey(), h.getValue().asText()));
    return new DockerConfig(
        entries(origin, root.path("auths")), helpers, root.path("credsStore").asText(""));
  }

  /** The older form, {@code .dockercfg}: the entries alone. */
  public static DockerConfig parseLegacy(String origin, byte[] content) {
    return new DockerConfig(entries(origin, object(origin, content)), Map.of(), "");
  }

  private static JsonNode object(String origin, byte[] content) {
    try {
      JsonNode root = MAPPER.readTree(content);
      if (root.isObject()) {
        return root;
      }
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new IllegalArgumentException(
          origin + " is not valid JSON" + (at == null ? "" : ", see line " + at.getLineNr()));
    } catch (IOException e) {
      throw new IllegalArgumentException(origin + " is not valid JSON");
    }
    throw new IllegalArgumentException(origin + " is not a JSON object");
  }

  private static List<Entry> entries(String origin, JsonNode auths) {
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> auth : auths.properties()) {
      credential(origin, auth.getKey(), auth.getValue())
          .ifPresent(
              c -> entries.add(new Entry(auth.getKey(), RegistryPattern.parse(auth.getKey()), c)));
    }
    return entries;
  }

  private static Optional<RegistryCredential> credential(String origin, String key, JsonNode auth) {
    String identity = auth.path("identitytoken").asText("");
    if (!identity.isEmpty()) {
      return Optional.of(new RegistryCredential.IdentityToken(origin, identity));
    }
    String registry = auth.path("registrytoken").asText("");
    if (!registry.isEmpty()) {
      return Optional.of(new RegistryCredential.RegistryToken(origin, registry));
    }
    String encoded = auth.path("auth").asText("");
    if (!encoded.isEmpty()) {
      return Optional.of(decoded(origin, key, encoded));
    }
    String username = auth.path("username").asText("");
    // Docker leaves an empty entry where a credential store has the rest.
    return username.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new RegistryCredential.Password(origin, username, auth.path("password").asText("")));
  }

  private static RegistryCredential decoded(String origin, String key, String encoded) {
    String text;
    try {
      text = new String(Base64.getDecoder().decode(encoded.strip()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          origin + ": auth of \"" + key + "\" is not base64 of USER:PASSWORD");
    }
    int colon = text.indexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException(
          origin + ": auth of \"" + key + "\" is not base64 of USER:PASSWORD");
    }
    // Docker pads what it encodes with NUL.
    return new RegistryCredential.Password(
        origin, text.substring(0, colon), text.substring(colon + 1).replaceFirst("\0+$", ""));
  }

  /** All that are for this repository, the most special one first. */
  public List<RegistryCredential> find(String registry, String repository) {
    return entries.stream()
        .filter(entry -> entry.pattern().matches(registry, repository))
        .map(Entry::credential)
        .toList();
  }

  /** The credential helper that is to be asked for a registry: its own, or that for all. */
  Optional<String> helper(String registry) {
    for (Map.Entry<String, String> helper : helpers.entrySet()) {
      if (RegistryPattern.parse(helper.getKey()).matches(registry, "")) {
        return Optional.of(helper.getValue());
      }
    }
    return store.isEmpty() ? Optional.empty() : Optional.of(store);
  }
}
