package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A plan with all that its execution needs. Manifests may hold secrets: only its owner reads it.
 */
record PlanFile(ApplyCall call, JsonNode manifests, String digest) {
  private static final String KIND = "PlanFile";

  void write(Path file) {
    ObjectNode tree = Json.object().put("kind", KIND).put("apiVersion", "jctl.dev/v1");
    tree.put("digest", digest);
    ObjectNode parameters = tree.putObject("parameters");
    call.parameters().forEach(parameters::put);
    tree.set("manifests", manifests);
    try {
      Files.deleteIfExists(file);
      Files.newByteChannel(
              file,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
          .close();
      Files.writeString(file, Json.pretty(tree));
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.FAILED, "cannot write the plan to \"" + file + "\": " + e.getMessage());
    }
  }

  static PlanFile read(Path file) {
    JsonNode tree;
    try {
      tree = Json.read(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.FAILED, "cannot read the plan \"" + file + "\": " + e.getMessage());
    }
    if (!tree.path("kind").asText("").equals(KIND)) {
      throw new CommandFailure(
          ExitCode.FAILED, file + " is no plan; `jctl plan -f PATH --out FILE` makes one");
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    tree.path("parameters")
        .properties()
        .forEach(p -> parameters.put(p.getKey(), p.getValue().asText("")));
    return new PlanFile(
        new ApplyCall(parameters), tree.path("manifests"), tree.path("digest").asText(""));
  }
}
