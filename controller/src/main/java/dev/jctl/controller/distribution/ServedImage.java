package dev.jctl.controller.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ImageNames;
import dev.jctl.manifests.schema.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An Image as the registry has it. Its name there is its reference, or else the object's name.
 * Pure.
 *
 * @param repository in its namespace
 * @param tag empty when only digests name it
 * @param manifests digests of what it is served as, the index before this platform's manifest
 */
record ServedImage(StoredObject object, String repository, String tag, List<String> manifests) {
  private static final String LATEST = "latest";

  /** Without manifests while its content is not here. */
  static ServedImage of(StoredObject object) {
    String name = object.tree().path("spec").path("reference").asText(object.ref().name());
    int at = name.indexOf('@');
    String tagged = at < 0 ? name : name.substring(0, at);
    int colon = tagged.lastIndexOf(':');
    boolean hasTag = colon > tagged.lastIndexOf('/');
    String tag = hasTag ? tagged.substring(colon + 1) : at < 0 ? LATEST : "";
    return new ServedImage(
        object,
        // a registry's port: a colon may not be in a repository's name
        (hasTag ? tagged.substring(0, colon) : tagged).toLowerCase(Locale.ROOT).replace(':', '-'),
        tag,
        manifests(object.tree()));
  }

  private static List<String> manifests(JsonNode tree) {
    List<String> digests = new ArrayList<>();
    String pulled = tree.at("/status/repoDigest").asText("");
    add(digests, tree.at("/spec/manifestDigest").asText(""));
    add(digests, pulled.substring(pulled.indexOf('@') + 1));
    add(digests, tree.at("/status/manifestDigest").asText(""));
    return digests;
  }

  private static void add(List<String> digests, String digest) {
    if (digest.startsWith("sha256:") && !digests.contains(digest)) {
      digests.add(digest);
    }
  }

  /** What containers of the namespace name a pushed image by. */
  static String reference(String repository, String tag) {
    return tag.equals(LATEST) ? repository : repository + ":" + tag;
  }

  /** What the Image of a pushed image is called: as containers look for it. */
  static String objectName(String reference) {
    return Names.isSubdomain(reference) ? reference : ImageNames.of(reference, List.of());
  }

  /** Whether a push may put another manifest in its place: not what a manifest says otherwise. */
  boolean mayBeReplaced() {
    JsonNode spec = object.tree().path("spec");
    return spec.hasNonNull("manifestDigest") || spec.hasNonNull("imageID");
  }
}
