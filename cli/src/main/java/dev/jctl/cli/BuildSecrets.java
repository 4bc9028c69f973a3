package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.Target;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code --secret} of a build says. Secrets of the namespace are named; what is in a file or
 * variable of the client becomes a Secret that is there for this build alone.
 */
final class BuildSecrets {
  private static final int MAX_NAME = 230;
  private static final List<String> TYPES = List.of("file", "env");

  private final String secret;
  private final ArrayNode declared = Json.object().putArray("secrets");
  private final List<byte[]> contents = new ArrayList<>();

  private BuildSecrets(String secret) {
    this.secret = secret;
  }

  /**
   * @param options such as {@code id=ID,src=FILE}
   * @param image name of the Image
   * @throws CommandFailure for a file or variable that is not there
   */
  static BuildSecrets read(List<String> options, String image) throws IOException {
    String cut = image.substring(0, Math.min(MAX_NAME, image.length()));
    BuildSecrets secrets = new BuildSecrets(cut + "-build-secrets");
    for (String option : options) {
      secrets.add(fields(option));
    }
    return secrets;
  }

  private static Map<String, String> fields(String option) {
    Map<String, String> fields = new HashMap<>();
    for (String part : option.split(",", -1)) {
      int equals = part.indexOf('=');
      String key = equals < 0 ? part : part.substring(0, equals);
      String value = equals < 0 ? "" : part.substring(equals + 1);
      switch (key) {
        case "id", "secret", "key", "env" -> fields.put(key, value);
        case "src", "source" -> fields.put("src", value);
        case "type" -> {
          if (!TYPES.contains(value)) {
            throw new UsageException("the type of a --secret is file or env, not " + value);
          }
        }
        default ->
            throw new UsageException(
                "--secret takes id=, src=, env=, secret= and key=, not " + part);
      }
    }
    return fields;
  }

  private void add(Map<String, String> fields) throws IOException {
    String id = fields.getOrDefault("id", "");
    if (id.isEmpty()) {
      throw new UsageException("--secret needs an id, by which the Dockerfile calls it");
    }
    if (List.of("src", "env", "secret").stream().filter(fields::containsKey).count() > 1) {
      throw new UsageException("--secret id=" + id + " takes one of src=, env= and secret=");
    }
    ObjectNode one = declared.addObject().put("id", id);
    if (fields.containsKey("src")) {
      send(one, file(fields.get("src")));
    } else if (fields.containsKey("env")) {
      send(one, variable(fields.get("env")));
    } else {
      one.put("secretName", fields.getOrDefault("secret", id));
      if (fields.containsKey("key")) {
        one.put("key", fields.get("key"));
      }
    }
  }

  private void send(ObjectNode one, byte[] content) {
    one.put("secretName", secret).put("key", key(contents.size()));
    contents.add(content);
  }

  private static String key(int number) {
    return "secret-" + number;
  }

  private static byte[] file(String file) throws IOException {
    try {
      return Files.readAllBytes(Path.of(file));
    } catch (NoSuchFileException e) {
      throw new CommandFailure(
          ExitCode.FAILED, "--secret: open " + file + ": no such file or directory");
    }
  }

  private static byte[] variable(String name) {
    String value = System.getenv(name);
    if (value == null) {
      throw new CommandFailure(ExitCode.FAILED, "--secret: the variable " + name + " is not set");
    }
    return value.getBytes(StandardCharsets.UTF_8);
  }

  /** As {@code spec.build.secrets} has them. */
  ArrayNode declared() {
    return declared;
  }

  /** Makes the Secret, if one is needed. */
  Sent send(Invocation in) {
    if (!contents.isEmpty()) {
      var _ = ImageObjects.apply(in, object(in.namespace()));
    }
    return new Sent(in);
  }

  private ObjectNode object(String namespace) {
    ObjectNode object = Json.object();
    object.put("apiVersion", ResourceKind.SECRET.apiVersion());
    object.put("kind", ResourceKind.SECRET.kind());
    ObjectNode metadata = object.putObject("metadata");
    metadata.put("name", secret).put("namespace", namespace);
    metadata.putObject("labels").put(ImageObjects.MADE_BY, ImageObjects.MADE_HERE);
    ObjectNode data = object.putObject("data");
    for (int i = 0; i < contents.size(); i++) {
      data.put(key(i), Base64.getEncoder().encodeToString(contents.get(i)));
    }
    return object;
  }

  /** The Secret as it is on the server, until this is closed. */
  final class Sent implements AutoCloseable {
    private final Invocation in;

    private Sent(Invocation in) {
      this.in = in;
    }

    private Target target() {
      return Target.of(ResourceKind.SECRET, in.namespace(), secret);
    }

    /** It goes with its Image, should this command not come to its end. */
    void belongTo(JsonNode image) {
      if (contents.isEmpty()) {
        return;
      }
      ObjectNode change = Json.object();
      change
          .putObject("metadata")
          .putArray("ownerReferences")
          .addObject()
          .put("apiVersion", ResourceKind.IMAGE.apiVersion())
          .put("kind", ResourceKind.IMAGE.kind())
          .put("name", image.at("/metadata/name").asText())
          .put("uid", image.at("/metadata/uid").asText());
      var _ = in.api().patch(target(), change);
    }

    @Override
    public void close() {
      if (!contents.isEmpty()) {
        var _ = in.api().delete(target(), Json.object());
      }
    }
  }
}
