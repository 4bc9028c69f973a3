package dev.jctl.controller.gitrepository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Cause;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources.ApplyItem;
import dev.jctl.controller.sets.Membership;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.codec.ManifestDocument.Position;
import dev.jctl.manifests.codec.ManifestException;
import dev.jctl.manifests.model.FollowedSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The documents of a revision → what is applied, and where in them an error is. Pure. */
final class RepositoryManifests {
  private static final Pattern OF_ITEM = Pattern.compile("items\\[(\\d+)\\]\\.?(.*)");

  private final List<ManifestDocument> documents;
  private final List<ApplyItem> items;

  private RepositoryManifests(List<ManifestDocument> documents, List<ApplyItem> items) {
    this.documents = documents;
    this.items = List.copyOf(items);
  }

  /**
   * @param namespace of objects that name none, when {@code spec.targetNamespace} does not say
   * @throws ManifestException when two are the same object
   */
  static RepositoryManifests of(
      List<ManifestDocument> documents,
      FollowedSpec spec,
      String namespace,
      Membership membership) {
    List<ApplyItem> items = new ArrayList<>();
    Set<ObjectRef> seen = new HashSet<>();
    List<String> errors = new ArrayList<>();
    for (ManifestDocument document : documents) {
      ObjectNode tree = document.tree().deepCopy();
      ObjectRef ref = place(document, tree, spec.targetNamespace(), namespace);
      if (!seen.add(ref)) {
        errors.add(place(document, "metadata.name") + ": " + ref + " is there twice");
      }
      membership.mark(tree);
      items.add(new ApplyItem(ref, tree));
    }
    if (!errors.isEmpty()) {
      throw new ManifestException(errors);
    }
    return new RepositoryManifests(documents, items);
  }

  private static ObjectRef place(
      ManifestDocument document, ObjectNode tree, @Nullable String target, String unlessNamed) {
    ObjectNode metadata = tree.withObject("/metadata");
    String name = metadata.path("name").asText();
    if (!document.kind().namespaced()) {
      return new ObjectRef(document.kind(), "", name);
    }
    String namespace = target == null ? metadata.path("namespace").asText(unlessNamed) : target;
    metadata.put("namespace", namespace);
    return new ObjectRef(document.kind(), namespace, name);
  }

  List<ApplyItem> items() {
    return items;
  }

  /** {@code deploy/web.yaml:12:3}. */
  String place(int item, String path) {
    return place(documents.get(item), path);
  }

  private static String place(ManifestDocument document, String path) {
    Position at = document.positions().of(path);
    return document.source() + ":" + at.line() + ":" + at.column();
  }

  /** What is wrong with the items of a set, each where it is written. */
  String located(ApiException e) {
    List<String> lines = new ArrayList<>();
    for (Cause cause : e.causes()) {
      Matcher m = OF_ITEM.matcher(cause.field());
      if (m.matches() && Integer.parseInt(m.group(1)) < documents.size()) {
        String path = m.group(2);
        lines.add(
            place(Integer.parseInt(m.group(1)), path)
                + ": "
                + (path.isEmpty() ? "" : path + ": ")
                + cause.message());
      }
    }
    return lines.isEmpty() ? String.valueOf(e.getMessage()) : String.join("\n", lines);
  }
}
