package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.StatusException;
import dev.jctl.manifests.codec.HostPaths;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.codec.ManifestReader;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The objects that {@code -f} names, with host paths and namespaces filled in. */
record Manifests(List<ManifestDocument> documents, List<ManifestReader.Source> sources) {
  private static final List<String> SUFFIXES = List.of(".yaml", ".yml", ".json");

  /**
   * Not held against schemas: the server does that, see {@link #located}.
   *
   * @throws dev.jctl.manifests.codec.ManifestException with all that is wrong when they cannot be
   *     sent
   */
  static Manifests read(Invocation in) {
    Manifests manifests = readIfAny(in);
    if (manifests.documents().isEmpty()) {
      throw new CommandFailure(
          ExitCode.FAILED,
          "no objects passed to " + String.join(", ", in.arguments().all(Options.FILE)));
    }
    return manifests;
  }

  /** As {@link #read}, but there may be none. */
  static Manifests readIfAny(Invocation in) {
    List<String> names = in.arguments().all(Options.FILE);
    if (names.isEmpty()) {
      throw new UsageException("must specify -f with a manifest file or directory");
    }
    Map<String, Path> directories = new LinkedHashMap<>();
    List<ManifestReader.Source> sources = new ArrayList<>();
    for (String name : names) {
      for (Path file : files(name, in.is(Options.RECURSIVE))) {
        String shown = name.equals("-") ? "<stdin>" : file.toString();
        sources.add(new ManifestReader.Source(shown, text(name, file)));
        Path parent = name.equals("-") ? null : file.toAbsolutePath().getParent();
        directories.put(shown, parent == null ? Path.of("").toAbsolutePath() : parent);
      }
    }
    List<ManifestDocument> documents = new ArrayList<>();
    for (ManifestDocument d : ManifestReader.readUnchecked(sources)) {
      Path directory = directories.getOrDefault(d.source(), Path.of("").toAbsolutePath());
      ManifestDocument absolute = HostPaths.absolute(d, directory);
      fillNamespace(absolute, in);
      documents.add(absolute);
    }
    return new Manifests(List.copyOf(documents), List.copyOf(sources));
  }

  private static List<Path> files(String name, boolean recursive) {
    Path path = Path.of(name);
    if (name.equals("-") || Files.isRegularFile(path)) {
      return List.of(path);
    }
    if (!Files.isDirectory(path)) {
      if (Files.exists(path)) {
        return List.of(path); // a pipe
      }
      throw new CommandFailure(ExitCode.BAD_MANIFEST, "the path \"" + name + "\" does not exist");
    }
    try (Stream<Path> found = Files.walk(path, recursive ? Integer.MAX_VALUE : 1)) {
      List<Path> files =
          found.filter(Files::isRegularFile).filter(Manifests::isManifest).sorted().toList();
      if (files.isEmpty()) {
        throw new CommandFailure(
            ExitCode.BAD_MANIFEST,
            "no .yaml, .yml or .json file in \""
                + name
                + "\""
                + (recursive ? "" : " (-R looks deeper)"));
      }
      return files;
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.BAD_MANIFEST, "cannot read \"" + name + "\": " + e.getMessage());
    }
  }

  private static boolean isManifest(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return SUFFIXES.stream().anyMatch(name::endsWith);
  }

  private static String text(String name, Path file) {
    try {
      byte[] bytes = name.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(file);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.BAD_MANIFEST, "cannot read \"" + name + "\": " + e.getMessage());
    }
  }

  private static void fillNamespace(ManifestDocument document, Invocation in) {
    if (!document.kind().namespaced()
        || !(document.tree().path("metadata") instanceof ObjectNode metadata)) {
      return;
    }
    String own = metadata.path("namespace").asText("");
    if (own.isEmpty()) {
      metadata.put("namespace", in.namespace());
    } else if (in.value(Options.NAMESPACE).filter(n -> !n.equals(own)).isPresent()) {
      throw new CommandFailure(
          ExitCode.BAD_MANIFEST,
          document.source()
              + ": the namespace from the provided object \""
              + own
              + "\" does not match the namespace \""
              + in.namespace()
              + "\". You must pass '--namespace="
              + own
              + "' to perform this operation.");
    }
  }

  /** The body of an apply. */
  ObjectNode asList() {
    ObjectNode list = Json.object().put("kind", "List").put("apiVersion", "v1");
    ArrayNode items = list.putArray("items");
    documents.forEach(d -> items.add(d.tree()));
    return list;
  }

  /**
   * Holds them against schemas and rules.
   *
   * @throws dev.jctl.manifests.codec.ManifestException with all that is wrong
   */
  void check() {
    ManifestReader.readAll(sources);
  }

  /** The server's refusal with the places in the text, one line each. */
  CommandFailure located(StatusException refused) {
    check();
    List<String> lines = new ArrayList<>();
    for (StatusException.Cause cause : refused.causes()) {
      document(refused, cause)
          .ifPresent(d -> lines.add(place(d, withoutIndex(cause.field())) + cause.message()));
    }
    if (lines.isEmpty()) {
      throw refused;
    }
    return new CommandFailure(ExitCode.BAD_MANIFEST, String.join("\n", lines));
  }

  private static String place(ManifestDocument document, String field) {
    ManifestDocument.Position at = document.positions().of(field);
    return document.source()
        + ":"
        + at.line()
        + ":"
        + at.column()
        + ": "
        + (field.isEmpty() ? "" : field + ": ");
  }

  private Optional<ManifestDocument> document(
      StatusException refused, StatusException.Cause cause) {
    if (cause.field().startsWith("items[")) {
      int index = Integer.parseInt(cause.field().substring(6, cause.field().indexOf(']')));
      return index < documents.size() ? Optional.of(documents.get(index)) : Optional.empty();
    }
    return documents.stream()
        .filter(d -> name(d.tree()).equals(refused.name()))
        .filter(d -> ResourceKind.named(refused.kind()).filter(d.kind()::equals).isPresent())
        .findFirst();
  }

  private static String withoutIndex(String field) {
    return field.startsWith("items[")
        ? field.substring(Math.min(field.length(), field.indexOf(']') + 2))
        : field;
  }

  private static String name(JsonNode object) {
    return object.path("metadata").path("name").asText("");
  }
}
