package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.image.ImageContents;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageStore.ArchivedImage;
import dev.jctl.images.ImageStore.PushedImage;
import dev.jctl.images.ImageStore.StorageUse;
import dev.jctl.images.ImageStore.TransferProgress;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The subresources of Images. */
final class ImageApi {
  private static final long REPORT_MILLIS = 250;
  private static final int BUFFER_BYTES = 1 << 16;

  private final ImageContents contents;

  ImageApi(ImageContents contents) {
    this.contents = contents;
  }

  /** OCI's documents, unaltered. */
  ApiReply document(ApiTarget.ImageDocument target) {
    var documents = contents.ready(target.ref()).documents();
    return ApiReply.json(
        switch (target.which()) {
          case MANIFEST -> documents.manifest();
          case CONFIGURATION -> documents.configuration();
        });
  }

  /** What images take of the disk, after forgetting what steps of builds made if so asked. */
  ApiReply storage(ResourceCache cache, ApiRequest request) {
    switch (request.method()) {
      case "GET", "HEAD" -> {}
      case "DELETE" -> contents.pruneBuildCache();
      default ->
          throw new ApiException(
              ApiException.Reason.METHOD_NOT_ALLOWED,
              "the server does not allow " + request.method() + " on " + request.path(),
              null,
              List.of());
    }
    StorageUse use = contents.use(cache);
    ObjectNode answer = ResourceCodec.MAPPER.createObjectNode();
    answer.put("kind", "ImageStorage").put("apiVersion", ApiTarget.GROUP + "/v1");
    answer
        .put("imageBytes", use.images())
        .put("buildCacheBytes", use.buildCache())
        .put("otherBytes", use.other());
    return ApiReply.json(200, answer);
  }

  /**
   * {@code ?path=}: of an archive on this machine. {@code items} has its images: {@code wanted} is
   * what spec.archive.name says for it, {@code name} what containers call it; either may be absent.
   */
  ApiReply archived(ApiRequest request) {
    ObjectNode answer = ResourceCodec.MAPPER.createObjectNode();
    answer.put("kind", "ImageArchive").put("apiVersion", ApiTarget.GROUP + "/v1");
    ArrayNode items = answer.putArray("items");
    for (ArchivedImage image : contents.archived(path(request))) {
      ObjectNode item = items.addObject();
      putText(item, "wanted", image.wanted());
      putText(item, "name", image.name());
    }
    return ApiReply.json(200, answer);
  }

  private static void putText(ObjectNode item, String field, @Nullable String text) {
    if (text != null) {
      item.put(field, text);
    }
  }

  private static Path path(ApiRequest request) {
    String path = request.query().text("path").orElse("");
    if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
      throw ApiException.badRequest("give path: an absolute one, of an archive");
    }
    return Path.of(path);
  }

  /** {@code ?reference=}: the archive's name for it, else the reference that it was pulled by. */
  ApiReply archive(ObjectRef ref, ApiRequest request) {
    ImageContents.Ready image = contents.ready(ref);
    String reference = request.query().text("reference").orElse(image.reference());
    return new ApiReply.Streamed(
        "application/x-tar",
        sink -> {
          OutputStream out = new BufferedOutputStream(new SinkStream(sink), BUFFER_BYTES);
          image.save(reference, out);
          out.flush();
        });
  }

  /**
   * A line of JSON four times a second, and at the end one that says what was pushed, or a Status.
   * It ends when nobody reads.
   */
  ApiReply push(ObjectRef ref, ApiRequest request) {
    ImageContents.Ready image = contents.ready(ref);
    ObjectNode body = RequestBodies.object(request);
    String reference = body.path("reference").asText("");
    if (reference.isEmpty()) {
      throw ApiException.badRequest("give reference: where the image is to be pushed to");
    }
    List<String> secrets = new ArrayList<>();
    body.path("imagePullSecrets").forEach(secret -> secrets.add(secret.path("name").asText("")));
    return new ApiReply.Streamed(
        ApiReply.JSON, sink -> new Push(image, reference, secrets).run(sink));
  }

  /** One push: done by a thread of its own, as what it says comes from several. */
  private record Push(ImageContents.Ready image, String reference, List<String> secrets) {
    void run(Streams.Sink sink) throws IOException, InterruptedException {
      AtomicReference<TransferProgress> latest =
          new AtomicReference<>(new TransferProgress("pushing", 0, -1, 0, 0));
      CompletableFuture<PushedImage> pushed = new CompletableFuture<>();
      Thread worker = Thread.ofVirtual().name("push").start(() -> push(pushed, latest));
      try {
        JsonNode end = poll(pushed);
        while (end == null) {
          line(sink, progress(latest.get()));
          end = poll(pushed);
        }
        line(sink, end);
      } finally {
        worker.interrupt();
      }
    }

    private void push(
        CompletableFuture<PushedImage> pushed, AtomicReference<TransferProgress> latest) {
      try {
        pushed.complete(image.push(reference, secrets, latest::set));
      } catch (RuntimeException e) {
        pushed.completeExceptionally(e);
      }
    }

    private static @Nullable JsonNode poll(CompletableFuture<PushedImage> pushed)
        throws InterruptedException {
      try {
        return done(pushed.get(REPORT_MILLIS, TimeUnit.MILLISECONDS));
      } catch (TimeoutException e) {
        return null;
      } catch (ExecutionException e) {
        return Statuses.of(
            e.getCause() instanceof ApiException known
                ? known
                : new ApiException(
                    ApiException.Reason.INTERNAL_ERROR,
                    "Internal error occurred: " + e.getCause(),
                    null,
                    List.of()));
      }
    }

    private static JsonNode done(PushedImage pushed) {
      return ResourceCodec.MAPPER
          .createObjectNode()
          .put("reference", pushed.reference())
          .put("digest", pushed.digest())
          .put("size", pushed.sizeBytes());
    }

    private static JsonNode progress(TransferProgress progress) {
      return ResourceCodec.MAPPER
          .createObjectNode()
          .put("stage", progress.stage())
          .put("bytes", progress.bytes())
          .put("total", progress.total())
          .put("blobsDone", progress.layersDone())
          .put("blobsTotal", progress.layersTotal());
    }

    private static void line(Streams.Sink sink, JsonNode tree) throws IOException {
      sink.write((tree + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  private static final class SinkStream extends OutputStream {
    private final Streams.Sink sink;

    SinkStream(Streams.Sink sink) {
      this.sink = sink;
    }

    @Override
    public void write(int b) throws IOException {
      sink.write(new byte[] {(byte) b});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      sink.write(Arrays.copyOfRange(bytes, offset, offset + length));
    }
  }
}
