package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.Target;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ImageNames;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Instant;
import java.util.List;

/** The Image objects of the namespace, as the commands below {@code image} name and make them. */
final class ImageObjects {
  /** On what these commands made, as opposed to a manifest. */
  static final String MADE_BY = "app.kubernetes.io/managed-by";

  static final String MADE_HERE = "jctl-image";

  static final Option NAME = Option.value("NAME", "what the Image is called", "--name");
  static final Option SECRET =
      Option.value("NAME", "a Secret with the registry's credentials", "--secret");

  private ImageObjects() {}

  static String operand(Invocation in) {
    if (in.arguments().operands().size() != 1) {
      throw new UsageException("expected one NAME of an Image, or a reference");
    }
    return in.arguments().operands().get(0);
  }

  /** By the object's name, or by the reference that it was pulled by. */
  static JsonNode find(Invocation in, String word) {
    if (!ImageNames.isReference(word)) {
      return in.api().get(Target.of(ResourceKind.IMAGE, in.namespace(), word));
    }
    return in.api().list(Target.of(ResourceKind.IMAGE, in.namespace())).items().stream()
        .filter(image -> image.at("/spec/reference").asText("").equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new CommandFailure(
                    ExitCode.FAILED,
                    "No such image: %s in namespace %s; `jctl image ls` lists them"
                        .formatted(word, in.namespace())));
  }

  static Target target(JsonNode image) {
    JsonNode metadata = image.path("metadata");
    return Target.of(
        ResourceKind.IMAGE,
        metadata.path("namespace").asText(""),
        metadata.path("name").asText(""));
  }

  static List<JsonNode> secrets(Invocation in) {
    return in.arguments().all(SECRET).stream()
        .<JsonNode>map(name -> Json.object().put("name", name))
        .toList();
  }

  /** An object without its source. */
  static ObjectNode made(Invocation in, String name) {
    ObjectNode image = Json.object();
    image.put("apiVersion", ResourceKind.IMAGE.apiVersion());
    image.put("kind", ResourceKind.IMAGE.kind());
    ObjectNode metadata = image.putObject("metadata");
    metadata.put("name", name).put("namespace", in.namespace());
    metadata.putObject("labels").put(MADE_BY, MADE_HERE);
    metadata.putObject("annotations").put(Annotations.PULL, Instant.now().toString());
    image.putObject("spec");
    return image;
  }

  /** The same, of a name, or of a reference that containers name it by. */
  static ObjectNode called(Invocation in, String nameOrReference) {
    if (!ImageNames.isReference(nameOrReference)) {
      return made(in, nameOrReference);
    }
    ObjectNode image = made(in, ImageNames.of(nameOrReference, List.of()));
    image.withObject("/spec").put("reference", nameOrReference);
    return image;
  }

  /** Applies it, so that its content is brought in anew even when nothing of it has changed. */
  static JsonNode apply(Invocation in, ObjectNode image) {
    ObjectNode list = Json.object().put("kind", "List").put("apiVersion", "v1");
    list.putArray("items").add(image);
    Target target =
        Target.path("/apis/jctl.dev/v1/apply")
            .with("fieldManager", MADE_HERE)
            .with("force", "true");
    return in.api().post(target, list).path("items").path(0).path("object");
  }

  static boolean isMadeHere(JsonNode image) {
    return image.path("metadata").path("labels").path(MADE_BY).asText("").equals(MADE_HERE);
  }
}
