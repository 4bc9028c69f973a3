package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.build.Builds;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** What the builds of Images say. */
final class BuildLogs {
  private static final long LOOK_MILLIS = 50;

  private final Resources resources;
  private final Path logs;

  BuildLogs(Resources resources, Path logs) {
    this.resources = resources;
    this.logs = logs;
  }

  /**
   * The last build's lines. {@code ?request=} waits for the build that the annotation of this value
   * asked for, and follows it to its end.
   */
  ApiReply reply(ObjectRef ref, ApiRequest request) {
    StoredObject image = resources.get(ref);
    Optional<String> asked = request.query().text("request");
    return new ApiReply.Streamed("text/plain", sink -> new Follower(image, asked, sink).run());
  }

  private final class Follower {
    private final StoredObject image;
    private final Optional<String> asked;
    private final Streams.Sink sink;
    private long position;

    Follower(StoredObject image, Optional<String> asked, Streams.Sink sink) {
      this.image = image;
      this.asked = asked;
      this.sink = sink;
    }

    void run() throws IOException, InterruptedException {
      boolean more = asked.isPresent();
      while (more) {
        Optional<JsonNode> status = status();
        more = status.isPresent() && !hasEnded(status.get());
        if (more && has(status.get())) {
          send();
        }
        if (more) {
          Thread.sleep(LOOK_MILLIS);
        }
      }
      send();
    }

    /** Empty when the Image has gone. */
    private Optional<JsonNode> status() {
      return resources
          .find(image.ref())
          .filter(object -> object.uid().equals(image.uid()))
          .map(object -> object.tree().path("status"));
    }

    /** Whether it is about the build that was asked for. */
    private boolean has(JsonNode status) {
      return asked.isEmpty() || status.path("observedPull").asText("").equals(asked.get());
    }

    private boolean hasEnded(JsonNode status) {
      String phase = status.path("phase").asText("");
      return has(status) && (phase.equals("Ready") || phase.equals("Failed"));
    }

    private void send() throws IOException {
      try (InputStream in = Files.newInputStream(Builds.log(logs, image.uid()))) {
        in.skipNBytes(position);
        byte[] added = in.readAllBytes();
        if (added.length > 0) {
          position += added.length;
          sink.write(added);
        }
      } catch (NoSuchFileException e) {
        return; // it was not built
      }
    }
  }
}
