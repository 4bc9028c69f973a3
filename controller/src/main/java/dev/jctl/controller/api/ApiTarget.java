package dev.jctl.controller.api;

import dev.jctl.controller.distribution.RegistryTarget;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.ResourceKind;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a path names. */
sealed interface ApiTarget {
  String GROUP = "jctl.dev";

  record Version() implements ApiTarget {}

  /** {@code /readyz}, {@code /readyz/ping}; {@code check} is empty when all are asked for. */
  record Health(String endpoint, String check) implements ApiTarget {}

  /** {@code /api}. */
  record CoreVersions() implements ApiTarget {}

  /** {@code /apis}. */
  record Groups() implements ApiTarget {}

  /** {@code /apis/jctl.dev}. */
  record Group(String group) implements ApiTarget {}

  /** {@code /api/v1}, {@code /apis/jctl.dev/v1}. */
  record GroupResources(String group) implements ApiTarget {}

  /** {@code /openapi/v2}. */
  record OpenApiOfAll() implements ApiTarget {}

  /** {@code /openapi/v3}. */
  record OpenApiIndex() implements ApiTarget {}

  /** {@code /openapi/v3/api/v1}, {@code /openapi/v3/apis/jctl.dev/v1}. */
  record OpenApiGroup(String group) implements ApiTarget {}

  /** {@code /apis/jctl.dev/v1/apply}: a set of objects in one transaction. */
  record ApplySet() implements ApiTarget {}

  /** {@code /apis/jctl.dev/v1/rotatesecretkey}: all Secrets are sealed with a new key. */
  record SecretKeyRotation() implements ApiTarget {}

  /** {@code /apis/jctl.dev/v1/imagestorage}: how much images take; DELETE forgets builds' steps. */
  record ImageStorage() implements ApiTarget {}

  /** {@code /apis/jctl.dev/v1/imagearchive?path=}: which images an archive has. */
  record ArchivedImages() implements ApiTarget {}

  /** {@code /apis/jctl.dev/v1/revisions}: which there was when. */
  record Revisions() implements ApiTarget {}

  /**
   * {@code /apis/authorization.k8s.io/v1/selfsubjectaccessreviews}; {@code namespace} is empty but
   * for a review of one.
   */
  record ToReview(Review review, String namespace) implements ApiTarget {}

  /** {@code namespace} null: in all namespaces. */
  record Collection(ResourceKind kind, @Nullable String namespace) implements ApiTarget {}

  record Item(ObjectRef ref) implements ApiTarget {}

  /** Of {@code events.k8s.io}: the same in its form. */
  record Newer(ApiTarget events) implements ApiTarget {}

  /** {@code name} is empty for a list. */
  record Absent(AbsentKind kind, String name) implements ApiTarget {}

  /** {@code …/manifestsets/NAME/rollback}. */
  record SetRollback(ObjectRef ref) implements ApiTarget {}

  /** {@code …/manifestsets/NAME/revisions}: the manifests of {@code ?revision=}. */
  record SetRevision(ObjectRef ref) implements ApiTarget {}

  record Status(ObjectRef ref) implements ApiTarget {}

  /** {@code …/scale}. */
  record Scale(ObjectRef ref) implements ApiTarget {}

  /** {@code …/serviceaccounts/NAME/token}. */
  record AccountToken(ObjectRef ref) implements ApiTarget {}

  /** {@code …/pods/NAME/ephemeralcontainers}. */
  record PodEphemeralContainers(ObjectRef ref) implements ApiTarget {}

  record PodEviction(ObjectRef ref) implements ApiTarget {}

  /** Below {@code /apis/metrics.k8s.io/v1beta1}, of Pods or Nodes. */
  record Metrics(ResourceKind kind, @Nullable String namespace, @Nullable String name)
      implements ApiTarget {}

  /** {@code /metrics}, for Prometheus. */
  record Exposed() implements ApiTarget {}

  record PodLog(ObjectRef ref) implements ApiTarget {}

  record PodExec(ObjectRef ref) implements ApiTarget {}

  /** {@code …/pods/NAME/changes}: what a container has changed of its image. */
  record PodChanges(ObjectRef ref) implements ApiTarget {}

  record PodAttach(ObjectRef ref) implements ApiTarget {}

  record PodPortForward(ObjectRef ref) implements ApiTarget {}

  /** {@code …/gitrepositories/NAME/webhook}. */
  record Webhook(ObjectRef ref) implements ApiTarget {}

  record ImagePush(ObjectRef ref) implements ApiTarget {}

  record ImageArchive(ObjectRef ref) implements ApiTarget {}

  record ImageBuildLog(ObjectRef ref) implements ApiTarget {}

  record ImageDocument(ObjectRef ref, Which which) implements ApiTarget {
    /** One of OCI's documents of an image. */
    enum Which {
      MANIFEST,
      CONFIGURATION
    }
  }

  /** Below {@code /v2/}: the instance as a registry. */
  record Distribution(RegistryTarget registry) implements ApiTarget {}

  /** {@code path}: as in the request line, without the query. Empty when it names nothing. */
  static Optional<ApiTarget> parse(String path) {
    List<String> steps = steps(path);
    if (steps.isEmpty()) {
      return Optional.empty();
    }
    List<String> rest = steps.subList(1, steps.size());
    return switch (steps.getFirst()) {
      case "version" -> when(rest.isEmpty(), new Version());
      case "healthz", "livez", "readyz" ->
          Optional.of(new Health(steps.getFirst(), String.join("/", rest)));
      case "metrics" -> when(rest.isEmpty(), new Exposed());
      case "openapi" -> openApi(rest);
      case "api" -> core(rest);
      case "apis" -> group(rest);
      case "v2" -> RegistryTarget.parse(path).map(Distribution::new);
      default -> Optional.empty();
    };
  }

  private static Optional<ApiTarget> when(boolean condition, ApiTarget target) {
    return condition ? Optional.of(target) : Optional.empty();
  }

  /** What is between the slashes of a path, decoded. */
  static List<String> steps(String path) {
    List<String> steps = new ArrayList<>();
    for (String step : path.split("/", -1)) {
      if (!step.isEmpty()) {
        steps.add(decode(step));
      }
    }
    return steps;
  }

  private static String decode(String step) {
    if (step.indexOf('%') < 0) {
      return step;
    }
    try {
      return URLDecoder.decode(step.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return step;
    }
  }

  private static Optional<ApiTarget> openApi(List<String> steps) {
    return switch (String.join("/", steps)) {
      case "v2" -> Optional.of(new OpenApiOfAll());
      case "v3" -> Optional.of(new OpenApiIndex());
      case "v3/api/v1" -> Optional.of(new OpenApiGroup(""));
      default ->
          Discovery.kindGroups().stream()
              .filter(group -> steps.equals(List.of("v3", "apis", group, "v1")))
              .<ApiTarget>map(OpenApiGroup::new)
              .findFirst();
    };
  }

  private static Optional<ApiTarget> core(List<String> steps) {
    if (steps.isEmpty()) {
      return Optional.of(new CoreVersions());
    }
    return steps.getFirst().equals("v1")
        ? resources("", steps.subList(1, steps.size()))
        : Optional.empty();
  }

  private static Optional<ApiTarget> group(List<String> steps) {
    if (steps.isEmpty()) {
      return Optional.of(new Groups());
    }
    String group = steps.getFirst();
    Optional<String> version = Discovery.versionOf(group);
    if (version.isEmpty()) {
      return Optional.empty();
    }
    if (steps.size() == 1) {
      return Optional.of(new Group(group));
    }
    if (!steps.get(1).equals(version.get())) {
      return Optional.empty();
    }
    List<String> rest = steps.subList(2, steps.size());
    if (rest.isEmpty()) {
      return Optional.of(new GroupResources(group));
    }
    return switch (group) {
      case MetricsApi.GROUP -> metrics(rest);
      case NewerEvents.GROUP -> resources("", rest).flatMap(ApiTarget::newer);
      default -> review(group, rest).or(() -> resources(group, rest));
    };
  }

  private static Optional<ApiTarget> newer(ApiTarget target) {
    boolean events =
        switch (target) {
          case Collection c -> c.kind() == ResourceKind.EVENT;
          case Item i -> i.ref().kind() == ResourceKind.EVENT;
          default -> false;
        };
    return when(events, new Newer(target));
  }

  private static Optional<ApiTarget> metrics(List<String> steps) {
    String first = steps.getFirst();
    if (first.equals("nodes")) {
      return measured(ResourceKind.NODE, null, steps.subList(1, steps.size()));
    }
    if (first.equals("namespaces") && steps.size() >= 3 && steps.get(2).equals("pods")) {
      return measured(ResourceKind.POD, steps.get(1), steps.subList(3, steps.size()));
    }
    return when(steps.equals(List.of("pods")), new Metrics(ResourceKind.POD, null, null));
  }

  private static Optional<ApiTarget> measured(
      ResourceKind kind, @Nullable String namespace, List<String> name) {
    return when(
        name.size() <= 1, new Metrics(kind, namespace, name.isEmpty() ? null : name.getFirst()));
  }

  private static Optional<ApiTarget> review(String group, List<String> steps) {
    boolean within = steps.size() == 3 && steps.getFirst().equals("namespaces");
    String namespace = within ? steps.get(1) : "";
    String resource = within ? steps.get(2) : String.join("/", steps);
    return Review.of(group).stream()
        .filter(review -> review.resource().equals(resource) && review.namespaced() == within)
        .<ApiTarget>map(review -> new ToReview(review, namespace))
        .findFirst();
  }

  private static Optional<ApiTarget> resources(String group, List<String> steps) {
    if (steps.isEmpty()) {
      return Optional.of(new GroupResources(group));
    }
    if (group.equals(GROUP) && steps.equals(List.of("apply"))) {
      return Optional.of(new ApplySet());
    }
    if (group.equals(GROUP) && steps.equals(List.of("rotatesecretkey"))) {
      return Optional.of(new SecretKeyRotation());
    }
    if (group.equals(GROUP) && steps.equals(List.of("imagestorage"))) {
      return Optional.of(new ImageStorage());
    }
    if (group.equals(GROUP) && steps.equals(List.of("imagearchive"))) {
      return Optional.of(new ArchivedImages());
    }
    if (group.equals(GROUP) && steps.equals(List.of("revisions"))) {
      return Optional.of(new Revisions());
    }
    if (steps.size() >= 3 && steps.getFirst().equals("namespaces")) {
      Optional<ResourceKind> kind = ResourceKind.ofPlural(group, "v1", steps.get(2));
      if (kind.isPresent() && kind.get().namespaced()) {
        return objects(kind.get(), steps.get(1), steps.subList(3, steps.size()));
      }
    }
    return ResourceKind.ofPlural(group, "v1", steps.getFirst())
        .flatMap(
            kind ->
                kind.namespaced()
                    ? when(steps.size() == 1, new Collection(kind, null))
                    : objects(kind, "", steps.subList(1, steps.size())))
        .or(() -> AbsentKind.parse(group, steps));
  }

  private static Optional<ApiTarget> objects(
      ResourceKind kind, String namespace, List<String> steps) {
    return switch (steps.size()) {
      case 0 -> Optional.of(new Collection(kind, kind.namespaced() ? namespace : null));
      case 1 -> Optional.of(new Item(new ObjectRef(kind, namespace, steps.getFirst())));
      case 2 -> subresource(new ObjectRef(kind, namespace, steps.getFirst()), steps.get(1));
      default -> Optional.empty();
    };
  }

  private static Optional<ApiTarget> subresource(ObjectRef ref, String name) {
    boolean pod = ref.kind() == ResourceKind.POD;
    boolean image = ref.kind() == ResourceKind.IMAGE;
    boolean set = ref.kind() == ResourceKind.MANIFEST_SET;
    return switch (name) {
      case "status" -> when(ref.kind().hasStatus(), new Status(ref));
      case "scale" -> when(ref.kind().hasScale(), new Scale(ref));
      case "token" -> when(ref.kind() == ResourceKind.SERVICE_ACCOUNT, new AccountToken(ref));
      case "rollback" -> when(set, new SetRollback(ref));
      case "revisions" -> when(set, new SetRevision(ref));
      case "ephemeralcontainers" -> when(pod, new PodEphemeralContainers(ref));
      case "eviction" -> when(pod, new PodEviction(ref));
      case "log" -> when(pod, new PodLog(ref));
      case "changes" -> when(pod, new PodChanges(ref));
      case "exec" -> when(pod, new PodExec(ref));
      case "attach" -> when(pod, new PodAttach(ref));
      case "portforward" -> when(pod, new PodPortForward(ref));
      case "webhook" -> when(ref.kind() == ResourceKind.GIT_REPOSITORY, new Webhook(ref));
      case "push" -> when(image, new ImagePush(ref));
      case "buildlog" -> when(image, new ImageBuildLog(ref));
      case "archive" -> when(image, new ImageArchive(ref));
      case "manifest" -> when(image, new ImageDocument(ref, ImageDocument.Which.MANIFEST));
      case "config" -> when(image, new ImageDocument(ref, ImageDocument.Which.CONFIGURATION));
      default -> Optional.empty();
    };
  }
}
