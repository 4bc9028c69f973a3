package dev.jctl.manifests.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.codec.Located.Entry;
import dev.jctl.manifests.codec.Located.Mapping;
import dev.jctl.manifests.codec.Located.Scalar;
import dev.jctl.manifests.codec.Located.Sequence;
import dev.jctl.manifests.codec.ManifestDocument.Position;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.FieldError;
import dev.jctl.manifests.schema.KindRules;
import dev.jctl.manifests.schema.NearestName;
import dev.jctl.manifests.schema.SchemaValidator;
import dev.jctl.manifests.schema.Schemas;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** One located tree to documents and errors. */
final class DocumentReader {
  /** Stands for the directory of the manifest, which a check needs to be none in particular. */
  private static final Path ANY_DIRECTORY = Path.of("/");

  private final String source;
  private final List<ManifestDocument> documents;
  private final ManifestReader.Errors errors;
  private final Check check;

  /** What objects are held against. */
  enum Check {
    /** The schema and the rules of their kind. */
    ALL,
    /** Only that each has a name. */
    NAMES
  }

  DocumentReader(
      String source, List<ManifestDocument> documents, ManifestReader.Errors errors, Check check) {
    this.source = source;
    this.documents = documents;
    this.errors = errors;
    this.check = check;
  }

  void read(Located root) {
    try {
      if (root instanceof Mapping mapping) {
        mapping(mapping);
      } else if (!(root instanceof Scalar scalar && scalar.value().isNull())) {
        noObject(root);
      }
    } catch (TextError e) {
      errors.add(source, e.position(), String.valueOf(e.getMessage()));
    }
  }

  private void mapping(Mapping mapping) {
    if (isList(mapping)) {
      items(mapping);
    } else {
      object(mapping);
    }
  }

  private void noObject(Located root) {
    errors.add(
        source, root.position(), "expected an object with apiVersion, kind, metadata and spec");
  }

  /** {@code v1 List}, and what {@code get -o yaml} prints for several objects. */
  private static boolean isList(Mapping mapping) {
    return text(mapping, "kind").filter(k -> k.equals("List")).isPresent()
        && text(mapping, "apiVersion").filter(v -> v.equals("v1")).isPresent();
  }

  private void items(Mapping list) {
    Entry items = list.entries().get("items");
    if (items == null || !(items.value() instanceof Sequence sequence)) {
      Position at = items == null ? list.position() : items.position();
      errors.add(source, at, "items: a List needs a list of objects here");
      return;
    }
    for (Located item : sequence.items()) {
      if (item instanceof Mapping mapping && isList(mapping)) {
        errors.add(source, item.position(), "a List in a List is not supported; take it apart");
      } else {
        read(item);
      }
    }
  }

  private void object(Mapping mapping) {
    kind(mapping)
        .ifPresent(
            kind -> {
              ObjectNode tree = (ObjectNode) TreeBuilder.build(mapping);
              check(new ManifestDocument(source, kind, tree, new TreePositions(mapping)));
            });
  }

  private void check(ManifestDocument document) {
    List<FieldError> wrong = check == Check.NAMES ? name(document.tree()) : all(document);
    if (wrong.isEmpty()) {
      documents.add(document);
      return;
    }
    int shown = Math.min(wrong.size(), Limits.MAX_ERRORS);
    errors.leftOut(wrong.size() - shown);
    for (FieldError e : wrong.subList(0, shown)) {
      String path = e.path().isEmpty() ? "" : e.path() + ": ";
      errors.add(source, document.positions().of(e.path()), path + e.message());
    }
  }

  private static List<FieldError> all(ManifestDocument document) {
    return Stream.of(
            SchemaValidator.validate(Schemas.of(document.kind()), document.tree()),
            rules(document),
            name(document.tree()))
        .flatMap(List::stream)
        .distinct()
        .toList();
  }

  /** Paths on the host may still be relative to the manifest here. */
  private static List<FieldError> rules(ManifestDocument document) {
    return KindRules.check(
        document.kind(), HostPaths.absolute(document.kind(), document.tree(), ANY_DIRECTORY));
  }

  /** The schema does not ask for a name, because the server may make one. */
  private static List<FieldError> name(ObjectNode tree) {
    JsonNode name = tree.path("metadata").path("name");
    boolean missing = name.isMissingNode() || name.isNull() || name.asText("x").isEmpty();
    if (!tree.path("metadata").isObject() || !missing) {
      return List.of();
    }
    return List.of(
        new FieldError(
            "metadata.name",
            FieldError.Type.REQUIRED,
            "required field is missing; give the object a name such as \"web\""));
  }

  private Optional<ResourceKind> kind(Mapping mapping) {
    Optional<String> apiVersion = header(mapping, "apiVersion", "jctl.dev/v1");
    Optional<String> kind = header(mapping, "kind", "Container");
    if (apiVersion.isEmpty() || kind.isEmpty()) {
      return Optional.empty();
    }
    Optional<ResourceKind> known = ResourceKind.of(apiVersion.get(), kind.get());
    if (known.isEmpty()) {
      unknownKind(mapping, apiVersion.get(), kind.get());
    }
    return known;
  }

  private Optional<String> header(Mapping mapping, String field, String example) {
    Optional<String> text = text(mapping, field);
    if (text.isEmpty()) {
      Entry entry = mapping.entries().get(field);
      Position at = entry == null ? mapping.position() : entry.position();
      errors.add(
          source, at, field + ": required field is missing; give it a string such as " + example);
    }
    return text;
  }

  private void unknownKind(Mapping mapping, String apiVersion, String kind) {
    List<ResourceKind> kinds = List.of(ResourceKind.values());
    Optional<ResourceKind> sameKind = kinds.stream().filter(k -> k.kind().equals(kind)).findFirst();
    if (sameKind.isPresent()) {
      String right = sameKind.get().apiVersion();
      unknown(
          mapping,
          "apiVersion",
          "no kind \"" + kind + "\" in \"" + apiVersion + "\": did you mean \"" + right + "\"?");
      return;
    }
    List<String> names = kinds.stream().map(ResourceKind::kind).toList();
    String hint = NearestName.hint(kind, names);
    String all = hint.isEmpty() ? ": expected one of " + String.join(", ", names) : hint;
    unknown(mapping, "kind", "unknown kind \"" + kind + "\" in \"" + apiVersion + "\"" + all);
  }

  private void unknown(Mapping mapping, String field, String message) {
    Entry entry = mapping.entries().get(field);
    Position at = entry == null ? mapping.position() : entry.position();
    errors.add(source, at, field + ": " + message);
  }

  private static Optional<String> text(Mapping mapping, String field) {
    Entry entry = mapping.entries().get(field);
    return entry != null
            && entry.value() instanceof Scalar scalar
            && scalar.value().isTextual()
            && !scalar.value().textValue().isEmpty()
        ? Optional.of(scalar.value().textValue())
        : Optional.empty();
  }
}
