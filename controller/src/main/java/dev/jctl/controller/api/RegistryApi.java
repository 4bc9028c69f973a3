package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.access.Identity;
import dev.jctl.controller.distribution.DistributionError;
import dev.jctl.controller.distribution.DistributionError.Code;
import dev.jctl.controller.distribution.RegistryTarget;
import dev.jctl.controller.distribution.Repositories;
import dev.jctl.controller.distribution.RepositoryName;
import dev.jctl.controller.distribution.Uploads;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.images.ServedContent;
import dev.jctl.images.ServedContent.ServedBlob;
import dev.jctl.images.ServedContent.ServedManifest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The instance as a registry, below {@code /v2/}. OCI distribution spec 1.1, Endpoints. */
final class RegistryApi {
  private static final int MAX_MANIFEST_BYTES = 4 << 20;
  private static final int MAX_PAGE = 1000;
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String DIGEST = "Docker-Content-Digest";
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d{1,18})-(\\d{0,18})");
  private static final Pattern CHUNK = Pattern.compile("(?:bytes )?(\\d{1,18})-\\d{1,18}(?:/.*)?");

  private final Repositories repositories;
  private final Uploads uploads;
  private final AccessCheck access;

  RegistryApi(Repositories repositories, Uploads uploads, AccessCheck access) {
    this.repositories = repositories;
    this.uploads = uploads;
    this.access = access;
  }

  /**
   * @param request by somebody who may do so
   */
  ApiReply answer(RegistryTarget target, ApiRequest request) {
    return switch (target) {
      case RegistryTarget.Base t ->
          RegistryReplies.json(
              ResourceCodec.MAPPER.createObjectNode(),
              Map.of("Docker-Distribution-Api-Version", "registry/2.0"));
      case RegistryTarget.Catalog t -> catalog(request);
      case RegistryTarget.BadName t ->
          throw new DistributionError(
              Code.NAME_INVALID,
              "\"%s\": a repository is called NAMESPACE/NAME, in lower case".formatted(t.name()));
      case RegistryTarget.Tags t -> tags(t.name(), request);
      case RegistryTarget.Manifest t -> manifest(t, request);
      case RegistryTarget.Blob t -> blob(t, request);
      case RegistryTarget.NewUpload t -> begin(t.name(), request);
      case RegistryTarget.Upload t -> upload(t, request);
      case RegistryTarget.Referrers t -> referrers(t, request);
    };
  }

  private static DistributionError unsupported(ApiRequest request) {
    return new DistributionError(
        Code.UNSUPPORTED, request.method() + " of " + request.path() + " is not supported");
  }

  private static boolean reads(ApiRequest request) {
    return request.method().equals("GET") || request.method().equals("HEAD");
  }

  // --- lists

  private ApiReply catalog(ApiRequest request) {
    requireReading(request);
    Identity who = request.identity().orElseThrow();
    List<String> all =
        repositories.catalog(
            namespace -> access.allows(who, AccessRequests.images("list", namespace)));
    return page("repositories", ResourceCodec.MAPPER.createObjectNode(), all, request);
  }

  private ApiReply tags(RepositoryName name, ApiRequest request) {
    requireReading(request);
    ObjectNode answer = ResourceCodec.MAPPER.createObjectNode().put("name", name.toString());
    return page("tags", answer, repositories.tags(name), request);
  }

  private static void requireReading(ApiRequest request) {
    if (!reads(request)) {
      throw unsupported(request);
    }
  }

  /** {@code ?n=} of those after {@code ?last=}; where there are more, a link to them. */
  private static ApiReply page(
      String field, ObjectNode answer, List<String> all, ApiRequest request) {
    String last = request.query().text("last").orElse("");
    long most = Math.min(MAX_PAGE, request.query().number("n").orElse(MAX_PAGE));
    List<String> rest = all.stream().filter(word -> word.compareTo(last) > 0).toList();
    List<String> page = rest.stream().limit(most).toList();
    ArrayNode list = answer.putArray(field);
    page.forEach(list::add);
    Map<String, String> headers = new HashMap<>();
    if (page.size() < rest.size() && !page.isEmpty()) {
      String next =
          "%s?n=%d&last=%s"
              .formatted(
                  request.path(), most, URLEncoder.encode(page.getLast(), StandardCharsets.UTF_8));
      headers.put("Link", "<" + next + ">; rel=\"next\"");
    }
    return RegistryReplies.json(answer, headers);
  }

  private ApiReply referrers(RegistryTarget.Referrers target, ApiRequest request) {
    requireReading(request);
    Optional<String> type = request.query().text("artifactType");
    ObjectNode index = ResourceCodec.MAPPER.createObjectNode();
    index.put("schemaVersion", 2).put("mediaType", INDEX);
    ArrayNode manifests = index.putArray("manifests");
    repositories.referrers(target.name(), target.digest()).stream()
        .filter(referrer -> type.isEmpty() || type.get().equals(referrer.artifactType()))
        .forEach(referrer -> manifests.add(descriptor(referrer)));
    Map<String, String> headers = new HashMap<>(Map.of("Content-Type", INDEX));
    if (type.isPresent()) {
      headers.put("OCI-Filters-Applied", "artifactType");
    }
    return RegistryReplies.json(index, headers);
  }

  private static ObjectNode descriptor(ServedContent.Referrer referrer) {
    ObjectNode descriptor = ResourceCodec.MAPPER.createObjectNode();
    descriptor
        .put("mediaType", referrer.mediaType())
        .put("digest", referrer.digest())
        .put("size", referrer.size());
    if (!referrer.artifactType().isEmpty()) {
      descriptor.put("artifactType", referrer.artifactType());
    }
    if (!referrer.annotations().isEmpty()) {
      ObjectNode annotations = descriptor.putObject("annotations");
      referrer.annotations().forEach(annotations::put);
    }
    return descriptor;
  }

  // --- manifests

  private ApiReply manifest(RegistryTarget.Manifest target, ApiRequest request) {
    return switch (request.method()) {
      case "GET", "HEAD" -> {
        ServedManifest manifest = repositories.manifest(target.name(), target.reference());
        yield RegistryReplies.bytes(
            200,
            Map.of("Content-Type", manifest.mediaType(), DIGEST, manifest.digest()),
            manifest.content());
      }
      case "PUT" -> push(target, request);
      case "DELETE" -> {
        repositories.delete(target.name(), target.reference());
        yield RegistryReplies.empty(202, Map.of());
      }
      default -> throw unsupported(request);
    };
  }

  private ApiReply push(RegistryTarget.Manifest target, ApiRequest request) {
    Identity who = request.identity().orElseThrow();
    ServedContent.Taken taken =
        repositories.push(
            target.name(),
            target.reference(),
            manifestBody(request),
            request.contentType(),
            () -> access.require(who, AccessRequests.images("update", target.name())));
    Map<String, String> headers = new HashMap<>();
    headers.put("Location", "/v2/" + target.name() + "/manifests/" + taken.digest());
    headers.put(DIGEST, taken.digest());
    if (taken.subject() != null) {
      headers.put("OCI-Subject", taken.subject());
    }
    return RegistryReplies.empty(201, headers);
  }

  private static byte[] manifestBody(ApiRequest request) {
    try (InputStream in = request.body().get()) {
      byte[] body = in.readNBytes(MAX_MANIFEST_BYTES + 1);
      if (body.length > MAX_MANIFEST_BYTES) {
        throw new DistributionError(
            Code.SIZE_INVALID, "the manifest is larger than " + MAX_MANIFEST_BYTES + " bytes");
      }
      return body;
    } catch (IOException e) {
      throw new DistributionError(Code.MANIFEST_INVALID, "the manifest broke off: " + e);
    }
  }

  // --- blobs

  private ApiReply blob(RegistryTarget.Blob target, ApiRequest request) {
    if (!reads(request)) {
      // what nothing names goes by itself
      throw unsupported(request);
    }
    ServedBlob blob = repositories.blob(target.name(), target.digest());
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", "application/octet-stream");
    headers.put("Accept-Ranges", "bytes");
    headers.put(DIGEST, target.digest());
    Matcher range = RANGE.matcher(request.headers().apply("Range"));
    if (!range.matches()) {
      return RegistryReplies.file(200, headers, blob.file(), 0, blob.size());
    }
    long first = Long.parseLong(range.group(1));
    if (first >= blob.size()) {
      headers.put("Content-Range", "bytes */" + blob.size());
      return RegistryReplies.empty(416, headers);
    }
    long last =
        range.group(2).isEmpty()
            ? blob.size() - 1
            : Math.min(blob.size() - 1, Long.parseLong(range.group(2)));
    headers.put("Content-Range", "bytes %d-%d/%d".formatted(first, last, blob.size()));
    return RegistryReplies.file(206, headers, blob.file(), first, last - first + 1);
  }

  private ApiReply begin(RepositoryName name, ApiRequest request) {
    if (!request.method().equals("POST")) {
      throw unsupported(request);
    }
    Optional<String> mounted = request.query().text("mount");
    if (mounted.isPresent() && mounts(name, mounted.get(), request)) {
      return created(name, mounted.get());
    }
    String id = uploads.begin(name);
    Optional<String> digest = request.query().text("digest");
    if (digest.isPresent()) {
      return finish(name, id, digest.get(), request);
    }
    return at(202, name, id, 0);
  }

  /** From a repository that the client may read; else it has to send the blob. */
  private boolean mounts(RepositoryName name, String digest, ApiRequest request) {
    Identity who = request.identity().orElseThrow();
    return request
        .query()
        .text("from")
        .flatMap(RepositoryName::parse)
        .filter(from -> access.allows(who, AccessRequests.images("get", from)))
        .filter(from -> repositories.mount(name, from, digest))
        .isPresent();
  }

  private ApiReply upload(RegistryTarget.Upload target, ApiRequest request) {
    RepositoryName name = target.name();
    String id = target.id();
    return switch (request.method()) {
      case "GET", "HEAD" -> at(204, name, id, uploads.size(name, id));
      case "PATCH" -> {
        OptionalLong offset = offset(request);
        yield at(202, name, id, uploads.append(name, id, offset, request.body().get()));
      }
      case "PUT" ->
          finish(
              name,
              id,
              request
                  .query()
                  .text("digest")
                  .orElseThrow(
                      () -> new DistributionError(Code.DIGEST_INVALID, "give ?digest=sha256:…")),
              request);
      case "DELETE" -> {
        uploads.cancel(name, id);
        yield RegistryReplies.empty(204, Map.of());
      }
      default -> throw unsupported(request);
    };
  }

  private static OptionalLong offset(ApiRequest request) {
    String range = request.headers().apply("Content-Range");
    if (range.isEmpty()) {
      return OptionalLong.empty();
    }
    Matcher chunk = CHUNK.matcher(range);
    if (!chunk.matches()) {
      throw ApiException.badRequest("Content-Range: expected FIRST-LAST, found " + range);
    }
    return OptionalLong.of(Long.parseLong(chunk.group(1)));
  }

  private ApiReply finish(RepositoryName name, String id, String digest, ApiRequest request) {
    uploads.finish(name, id, request.body().get(), digest);
    return created(name, digest);
  }

  private static ApiReply created(RepositoryName name, String digest) {
    return RegistryReplies.empty(
        201, Map.of("Location", "/v2/" + name + "/blobs/" + digest, DIGEST, digest));
  }

  private static ApiReply at(int status, RepositoryName name, String id, long size) {
    return RegistryReplies.empty(
        status,
        Map.of(
            "Location",
            "/v2/" + name + "/blobs/uploads/" + id,
            "Docker-Upload-UUID",
            id,
            "Range",
            "0-" + Math.max(0, size - 1)));
  }
}
