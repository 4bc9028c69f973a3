package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.distribution.DistributionError;
import dev.jctl.controller.distribution.Repositories;
import dev.jctl.controller.distribution.Uploads;
import dev.jctl.controller.encryption.SecretSealing;
import dev.jctl.controller.rbac.Authorizer;
import dev.jctl.controller.rbac.RoleIndex;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.Keys;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.StoreResources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.sets.ManifestSets;
import dev.jctl.controller.sets.SetRevisions;
import dev.jctl.controller.usage.Exposition;
import dev.jctl.controller.usage.Usages;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.controller.webhook.Webhooks;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.store.Store;
import dev.jctl.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From a request to its answer. Knows no web server. */
final class ApiDispatch {
  private static final Logger LOG = LoggerFactory.getLogger(ApiDispatch.class);

  /** Of each user at once. */
  private static final int MAX_REQUESTS = 64;

  /** Watches and followed logs of each user at once. */
  private static final int MAX_STREAMS = 2000;

  private static final Duration ROLES_KNOWN = Duration.ofSeconds(1);

  /** How far the cache may be behind the store. */
  private static final Duration CACHE_CURRENT = Duration.ofSeconds(2);

  private final Store store;
  private final ResourceCache cache;
  private final AccessCheck access;
  private final Reviews reviews;
  private final TokenRequests tokens;
  private final RequestAudit audit;
  private final InFlight requests = new InFlight(MAX_REQUESTS);
  private final InFlight streams = new InFlight(MAX_STREAMS);
  private final AtomicInteger open = new AtomicInteger();
  private final StoreResources resources;
  private final SecretSealing sealing;
  private final ObjectLists lists;
  private final ObjectWatches watches;
  private final ObjectWrites writes;
  private final ApplySets sets;
  private final PodLogs logs;
  private final PodCommands commands;
  private final ImageApi images;
  private final PodChanges changes;
  private final BuildLogs buildLogs;
  private final RegistryApi registry;
  private final Webhooks webhooks;
  private final MetricsApi metrics;
  private final Exposition exposition;
  private final HealthChecks health;
  private final Clock clock;
  private final Past past;

  ApiDispatch(ApiServer.Backend backend) {
    this.store = backend.store();
    this.cache = backend.cache();
    this.resources = backend.resources();
    this.sealing = backend.sealing();
    this.clock = backend.clock();
    RoleIndex roles = new RoleIndex();
    cache.addListener(roles);
    Authorizer authorizer = new Authorizer(roles);
    this.access = new AccessCheck(authorizer);
    this.reviews = new Reviews(authorizer, backend.authenticator());
    this.audit = new RequestAudit(backend.audit(), clock);
    this.tokens = new TokenRequests(resources, backend.accounts());
    this.past = new Past(store);
    this.health = health();
    this.lists = new ObjectLists(store, clock);
    this.watches = new ObjectWatches(store, lists, clock);
    this.writes = new ObjectWrites(resources, lists, access, new GivenAddresses(store));
    this.sets =
        new ApplySets(
            resources, new ManifestSets(resources, cache, new SetRevisions(store), clock), access);
    this.logs = new PodLogs(resources, cache, backend.logDirectory(), clock);
    this.commands = new PodCommands(resources, backend.runtime());
    this.images = new ImageApi(backend.images());
    this.changes = new PodChanges(backend.images().of(backend.runtime()));
    this.buildLogs = new BuildLogs(backend.resources(), backend.logDirectory());
    this.registry =
        new RegistryApi(
            new Repositories(resources, cache, backend.images().served()),
            new Uploads(backend.images().served(), clock),
            access);
    this.webhooks = new Webhooks(resources, clock);
    Usages usages = new Usages(backend.runtime());
    this.metrics = new MetricsApi(cache, usages, clock);
    this.exposition = new Exposition(cache, usages, backend.audit()::dropped, open::get);
  }

  /** By the names of kube-apiserver's: {@code etcd} is the store. */
  private HealthChecks health() {
    return new HealthChecks(
        List.of(
            new HealthChecks.Check("ping", () -> true),
            new HealthChecks.Check("etcd", this::isStoreRead)),
        List.of(new HealthChecks.Check("informer-sync", this::isCacheCurrent)));
  }

  /** Whatever is found; what can't be read throws. */
  private boolean isStoreRead() {
    store.list(Keys.collection(ResourceKind.NAMESPACE, null), 0, null, 1);
    return true;
  }

  private boolean isCacheCurrent() {
    try {
      return cache.awaitRevision(store.revision(), CACHE_CURRENT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  PodCommands commands() {
    return commands;
  }

  /** Never fails: what goes wrong is answered as a Status. */
  ApiReply answer(ApiRequest request) {
    Instant received = clock.instant();
    try {
      ApiReply reply = dispatch(request);
      audit.answered(request, received, reply);
      return reply;
    } catch (ApiException e) {
      return refused(request, received, e);
    } catch (DistributionError e) {
      ApiReply reply = RegistryReplies.error(e);
      audit.answered(request, received, reply);
      return reply;
    } catch (StoreException e) {
      LOG.error("{} {}: {}", request.method(), request.path(), e.getMessage());
      return refused(request, received, internal(String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      LOG.error("{} {}", request.method(), request.path(), e);
      return refused(request, received, internal("Internal error occurred: " + e));
    }
  }

  private static ApiException internal(String message) {
    return new ApiException(Reason.INTERNAL_ERROR, message, null, List.of());
  }

  private ApiReply refused(ApiRequest request, Instant received, ApiException e) {
    audit.refused(request, received, e);
    return request.path().startsWith("/v2/") ? RegistryReplies.error(e) : failure(e);
  }

  /** Tells that a connection, of a request that was admitted, is no longer HTTP. */
  void takenOver(ApiRequest request) {
    audit.takenOver(request);
  }

  static ApiReply failure(ApiException e) {
    return ApiReply.json(e.reason().code(), Statuses.of(e));
  }

  private ApiReply dispatch(ApiRequest request) {
    Optional<ApiTarget> target = ApiTarget.parse(request.path());
    ApiRequest admitted = access.admit(request, target);
    try (InFlight.Slot _ = requests.enter(admitted.identity())) {
      return bounded(admitted, dispatch(target, admitted));
    }
  }

  /** A stream goes on after its request was answered. */
  private ApiReply bounded(ApiRequest request, ApiReply reply) {
    if (!(reply instanceof ApiReply.Streamed streamed)) {
      return reply;
    }
    // refused before its answer begins, when it can be
    streams.enter(request.identity()).close();
    return new ApiReply.Streamed(
        streamed.contentType(),
        sink -> {
          open.incrementAndGet();
          try (InFlight.Slot _ = streams.enter(request.identity())) {
            streamed.body().writeTo(sink);
          } catch (ApiException e) {
            sink.write(WatchEvents.error(Statuses.of(e)));
          } finally {
            open.decrementAndGet();
          }
        });
  }

  private ApiReply dispatch(Optional<ApiTarget> target, ApiRequest admitted) {
    return reply(
        target.orElseThrow(
            () ->
                new ApiException(
                    Reason.NOT_FOUND,
                    "the server could not find the requested resource: " + admitted.path(),
                    null,
                    List.of())),
        admitted);
  }

  /** What a request names, when who asks may have it. For those that never come to be answered. */
  Optional<ApiTarget> admitted(ApiRequest request) {
    Optional<ApiTarget> target = ApiTarget.parse(request.path());
    access.admit(request, target);
    return target;
  }

  private ApiReply reply(ApiTarget target, ApiRequest request) {
    return switch (target) {
      case ApiTarget.Version t -> onGet(request, ApiReply.json(200, Discovery.version()));
      case ApiTarget.Health t -> onGet(request, health.reply(t, request.query()));
      case ApiTarget.CoreVersions t ->
          onGet(request, discovered(request, List.of(""), Discovery::coreVersions));
      case ApiTarget.Groups t ->
          onGet(request, discovered(request, Discovery.namedGroups(), Discovery::groups));
      case ApiTarget.Group t -> onGet(request, ApiReply.json(200, Discovery.group(t.group())));
      case ApiTarget.GroupResources t ->
          onGet(request, ApiReply.json(200, Discovery.resources(t.group())));
      case ApiTarget.OpenApiOfAll t -> onGet(request, OpenApiV2.reply(request));
      case ApiTarget.OpenApiIndex t -> onGet(request, ApiReply.json(200, OpenApi.index()));
      case ApiTarget.OpenApiGroup t ->
          onGet(request, ApiReply.json(200, OpenApi.document(t.group())));
      case ApiTarget.ApplySet t -> {
        requireMethod(request, "POST");
        yield sets.apply(request);
      }
      case ApiTarget.Revisions t ->
          onGet(request, ApiReply.json(200, past.revision(request.query())));
      case ApiTarget.SecretKeyRotation t -> {
        requireMethod(request, "POST");
        yield rotated(sealing.rotate());
      }
      case ApiTarget.ToReview t -> {
        requireMethod(request, "POST");
        yield ApiReply.json(201, reviews.answer(t, request));
      }
      case ApiTarget.SetRollback t -> {
        requireMethod(request, "POST");
        yield sets.rollBack(t.ref(), request);
      }
      case ApiTarget.SetRevision t -> {
        requireMethod(request, "GET");
        yield sets.revision(t.ref(), request);
      }
      case ApiTarget.AccountToken t -> {
        requireMethod(request, "POST");
        yield ApiReply.json(201, tokens.answer(t.ref(), request));
      }
      case ApiTarget.Newer t ->
          NewerEvents.fromCore(reply(t.events(), NewerEvents.toCore(request)));
      case ApiTarget.Absent t -> absent(t, request);
      case ApiTarget.Collection t -> settled(t.kind(), request, collection(t, request));
      case ApiTarget.Item t -> settled(t.ref().kind(), request, item(t.ref(), request));
      case ApiTarget.Status t -> part(t.ref(), ObjectWrites.Part.STATUS, request);
      case ApiTarget.Scale t -> scale(t.ref(), request);
      case ApiTarget.PodEphemeralContainers t ->
          part(t.ref(), ObjectWrites.Part.EPHEMERAL_CONTAINERS, request);
      case ApiTarget.PodEviction t -> {
        requireMethod(request, "POST");
        yield writes.evict(t.ref(), request);
      }
      case ApiTarget.Metrics t -> {
        requireMethod(request, "GET");
        yield metrics.reply(t, request);
      }
      case ApiTarget.Exposed t -> {
        requireMethod(request, "GET");
        yield new ApiReply.Whole(200, Exposition.MEDIA_TYPE, exposition.text(), List.of());
      }
      case ApiTarget.PodLog t -> {
        requireMethod(request, "GET");
        yield logs.reply(t.ref(), request);
      }
      case ApiTarget.PodChanges t -> onGet(request, changes.reply(t.ref(), request));
      case ApiTarget.PodExec t -> upgradeRequired(t, request);
      case ApiTarget.PodAttach t -> upgradeRequired(t, request);
      case ApiTarget.PodPortForward t -> {
        commands.forward(t.ref());
        throw Handshakes.refusal(
            request.headers(), CommandUpgrader.FORWARDING, SpdyUpgrader.FORWARDING);
      }
      case ApiTarget.Webhook t -> {
        requireMethod(request, "POST");
        webhooks.receive(
            new Webhooks.Call(t.ref(), request.headers(), request.body(), request.peer()));
        yield ApiReply.text("ok");
      }
      case ApiTarget.ImagePush t -> {
        requireMethod(request, "POST");
        yield images.push(t.ref(), request);
      }
      case ApiTarget.ImageArchive t -> {
        requireMethod(request, "GET");
        yield images.archive(t.ref(), request);
      }
      case ApiTarget.ImageBuildLog t -> onGet(request, buildLogs.reply(t.ref(), request));
      case ApiTarget.ImageStorage t -> images.storage(cache, request);
      case ApiTarget.ArchivedImages t -> onGet(request, images.archived(request));
      case ApiTarget.ImageDocument t -> onGet(request, images.document(t));
      case ApiTarget.Distribution t -> registry.answer(t.registry(), request);
    };
  }

  private static ApiReply rotated(SecretSealing.Sealed sealed) {
    ObjectNode answer = ResourceCodec.MAPPER.createObjectNode();
    answer.put("kind", "SecretKeyRotation").put("apiVersion", ApiTarget.GROUP + "/v1");
    answer.put("keyID", sealed.keyId()).put("rewritten", sealed.rewritten());
    return ApiReply.json(200, answer);
  }

  private ApiReply absent(ApiTarget.Absent target, ApiRequest request) {
    boolean reads = List.of("GET", "HEAD").contains(request.method());
    if (!target.name().isEmpty() && (reads || request.method().equals("DELETE"))) {
      throw new ApiException(
          Reason.NOT_FOUND,
          target.kind().plural() + " \"" + target.name() + "\" not found",
          null,
          List.of());
    }
    if (!reads) {
      throw methodNotAllowed(target.kind().plural() + " are not to be had here: ", request);
    }
    return request.query().flag("watch")
        ? watches.reply(target.kind(), request)
        : ApiReply.json(
            200, target.kind().list(Representation.of(request.accept()), store.revision()));
  }

  private static ApiReply discovered(
      ApiRequest request, List<String> groups, Supplier<ObjectNode> older) {
    return AggregatedDiscovery.reply(request.accept(), groups)
        .orElseGet(() -> ApiReply.json(200, older.get()));
  }

  private static ApiReply onGet(ApiRequest request, ApiReply reply) {
    requireMethod(request, "GET");
    return reply;
  }

  private static void requireMethod(ApiRequest request, String method) {
    boolean head = method.equals("GET") && request.method().equals("HEAD");
    if (!request.method().equals(method) && !head) {
      throw methodNotAllowed(request);
    }
  }

  private static ApiException methodNotAllowed(ApiRequest request) {
    return methodNotAllowed("", request);
  }

  private static ApiException methodNotAllowed(String why, ApiRequest request) {
    return new ApiException(
        Reason.METHOD_NOT_ALLOWED,
        why + "the server does not allow " + request.method() + " on " + request.path(),
        null,
        List.of());
  }

  /** A change of what one may do is so when it is answered. */
  private ApiReply settled(ResourceKind kind, ApiRequest request, ApiReply reply) {
    boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
    if (!reads && kind.group().equals(ResourceKind.ROLE.group())) {
      try {
        cache.awaitRevision(store.revision(), ROLES_KNOWN);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return reply;
  }

  private ApiReply collection(ApiTarget.Collection collection, ApiRequest request) {
    return switch (request.method()) {
      case "GET", "HEAD" -> {
        ListOptions.check(request.query());
        Selection selection = Selection.of(collection, request.query());
        yield request.query().flag("watch")
            ? watches.reply(selection, request)
            : lists.reply(selection, request);
      }
      case "POST" -> writes.create(collection, request);
      case "DELETE" -> {
        Selection selection = Selection.of(collection, request.query());
        if (selection.kind() == ResourceKind.MANIFEST_SET) {
          ObjectLists.trees(lists.all(selection))
              .forEach(set -> sets.requireDeletion(set, request));
        }
        yield writes.deleteCollection(selection, request);
      }
      default -> throw methodNotAllowed(request);
    };
  }

  private ApiReply item(ObjectRef ref, ApiRequest request) {
    return switch (request.method()) {
      case "GET", "HEAD" -> read(ref, request);
      case "PUT" -> writes.replace(ref, ObjectWrites.Part.OBJECT, request);
      case "PATCH" -> writes.patch(ref, ObjectWrites.Part.OBJECT, request);
      case "DELETE" -> {
        if (ref.kind() == ResourceKind.MANIFEST_SET) {
          sets.requireDeletion(resources.get(ref).tree(), request);
        }
        yield writes.delete(ref, request);
      }
      default -> throw methodNotAllowed(request);
    };
  }

  private ApiReply read(ObjectRef ref, ApiRequest request) {
    if (request.query().flag("history")) {
      return ApiReply.json(200, past.history(ref));
    }
    return Past.isAsked(request.query())
        ? ApiReply.json(200, past.object(ref, request.query()))
        : shown(resources.get(ref), request);
  }

  private ApiReply part(ObjectRef ref, ObjectWrites.Part part, ApiRequest request) {
    return switch (request.method()) {
      case "GET", "HEAD" -> shown(resources.get(ref), request);
      case "PUT" -> writes.replace(ref, part, request);
      case "PATCH" -> writes.patch(ref, part, request);
      default -> throw methodNotAllowed(request);
    };
  }

  private ApiReply scale(ObjectRef ref, ApiRequest request) {
    return switch (request.method()) {
      case "GET", "HEAD" -> ApiReply.json(200, Scales.of(resources.get(ref)));
      case "PUT", "PATCH" -> writes.scale(ref, request);
      default -> throw methodNotAllowed(request);
    };
  }

  private ApiReply shown(StoredObject object, ApiRequest request) {
    return switch (Representation.of(request.accept())) {
      case OBJECTS -> ApiReply.json(resources.bytes(object));
      case METADATA -> ApiReply.json(200, Tables.metadata(object.tree()));
      case TABLE ->
          ApiReply.json(
              200,
              Tables.of(
                  object.ref().kind(),
                  List.of(object.tree()),
                  Tables.Include.of(request.query().text("includeObject").orElse("")),
                  clock.instant()));
    };
  }

  /** Here only when the connection was not taken over: says why. */
  private ApiReply upgradeRequired(ApiTarget target, ApiRequest request) {
    commands.of(target, request.query());
    throw Handshakes.refusal(request.headers(), CommandUpgrader.PROTOCOLS, SpdyUpgrader.COMMAND);
  }
}
