package dev.jctl.controller.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.config.ConfigReferences;
import dev.jctl.controller.container.ContainerForecast;
import dev.jctl.controller.plan.Differences.Difference;
import dev.jctl.controller.plan.PlannedObject.Action;
import dev.jctl.controller.plan.PlannedObject.Change;
import dev.jctl.controller.pod.PodForecast;
import dev.jctl.controller.pod.PodForecast.Effect;
import dev.jctl.controller.resources.ApplyRecord.Becoming;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.reference.References;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** What becomes of objects that are applied together → what that takes, in order. Pure. */
public final class SetPlan {
  /** In which order kinds come to be; they go in the opposite one. */
  private static final List<ResourceKind> ORDER =
      List.of(
          ResourceKind.NAMESPACE,
          ResourceKind.CONFIG_MAP,
          ResourceKind.SECRET,
          ResourceKind.IMAGE,
          ResourceKind.NETWORK,
          ResourceKind.VOLUME,
          ResourceKind.PERSISTENT_VOLUME_CLAIM,
          ResourceKind.POD,
          ResourceKind.CONTAINER);

  private static final long DEFAULT_GRACE_SECONDS = 30;
  private static final String TEMPLATE = "spec.template";

  private final Function<ObjectRef, Optional<StoredObject>> found;
  private final Map<ObjectRef, Becoming> all = new HashMap<>();
  private final Map<ObjectRef, Action> actions = new HashMap<>();

  private SetPlan(Stream<Becoming> becoming, Function<ObjectRef, Optional<StoredObject>> found) {
    this.found = found;
    becoming.forEach(b -> all.put(b.ref(), b));
  }

  /**
   * In the order in which it is done.
   *
   * @param found objects that there are
   */
  public static List<PlannedObject> of(
      List<Becoming> applied,
      List<Becoming> pruned,
      Function<ObjectRef, Optional<StoredObject>> found) {
    SetPlan plan = new SetPlan(Stream.concat(applied.stream(), pruned.stream()), found);
    List<PlannedObject> planned = new ArrayList<>();
    applied.stream()
        .sorted(Comparator.comparingInt(b -> rank(b.ref().kind())))
        .forEach(b -> planned.add(plan.applied(b)));
    pruned.stream()
        .sorted(Comparator.comparingInt(b -> -rank(b.ref().kind())))
        .forEach(b -> planned.add(plan.pruned(b)));
    return planned;
  }

  /** The same for a plan that does the same to the same. */
  public static String digest(List<PlannedObject> plan) {
    List<String> lines =
        plan.stream()
            .map(p -> p.ref() + " " + p.action().text() + " " + p.state())
            .sorted()
            .toList();
    return Differences.hash(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
  }

  private static int rank(ResourceKind kind) {
    int place = ORDER.indexOf(kind);
    return place < 0 ? ORDER.size() : place;
  }

  private PlannedObject applied(Becoming b) {
    List<Difference> differences = Differences.between(b.ref().kind(), b.before(), b.after());
    Effect effect = effect(b, differences);
    List<ObjectRef> because = effect instanceof Effect.None ? because(b) : List.of();
    Action action = action(b, differences, effect, because);
    actions.put(b.ref(), action);
    return new PlannedObject(
        b.ref(),
        action,
        changes(b, differences, effect, action),
        because,
        waitsFor(b),
        unavailable(b, action),
        Differences.state(b.before(), b.after()));
  }

  private static Action action(
      Becoming b, List<Difference> differences, Effect effect, List<ObjectRef> because) {
    if (b.before() == null) {
      return Action.CREATE;
    }
    if (rolls(b, because)) {
      return Action.ROLL;
    }
    return switch (effect) {
      case Effect.Recreate e -> Action.RECREATE;
      case Effect.Restart e -> Action.RESTART;
      case Effect.InPlace e -> Action.IN_PLACE;
      case Effect.None e ->
          !because.isEmpty()
              ? because.stream().anyMatch(ref -> ref.kind() == ResourceKind.NETWORK)
                  ? Action.RECREATE
                  : Action.RESTART
              : differences.isEmpty() ? Action.NONE : Action.IN_PLACE;
    };
  }

  private static boolean rolls(Becoming b, List<ObjectRef> because) {
    JsonNode was = Objects.requireNonNull(b.before()).path("spec");
    JsonNode willBe = b.after().path("spec");
    return b.ref().kind() == ResourceKind.DEPLOYMENT
        && !willBe.path("paused").asBoolean()
        && (!because.isEmpty() || !was.path("template").equals(willBe.path("template")));
  }

  private Effect effect(Becoming b, List<Difference> differences) {
    ObjectNode before = b.before();
    if (before == null || differences.isEmpty()) {
      return new Effect.None();
    }
    StoredObject was = new StoredObject(b.ref(), before, 0);
    StoredObject wanted = new StoredObject(b.ref(), b.after(), 0);
    return switch (b.ref().kind()) {
      case POD -> PodForecast.of(was, wanted);
      case CONTAINER -> container(was, wanted);
      default -> new Effect.None();
    };
  }

  private Effect container(StoredObject was, StoredObject wanted) {
    ObjectRef pod = new ObjectRef(ResourceKind.POD, was.ref().namespace(), was.ref().name());
    return switch (ContainerForecast.of(was, wanted, found.apply(pod))) {
      case ContainerForecast.Nothing n -> new Effect.None();
      case ContainerForecast.ReplacesPod r -> new Effect.Recreate(r.fields());
      case ContainerForecast.ChangesPod c -> PodForecast.of(c.before(), c.after());
    };
  }

  /** Objects that it refers to, which will not be what it was made of. */
  private List<ObjectRef> because(Becoming b) {
    if (b.before() == null) {
      return List.of();
    }
    boolean restarts = restartsForConfiguration(b);
    if (b.ref().kind() == ResourceKind.DEPLOYMENT) {
      return restarts ? configuration(b).filter(this::hasOtherContent).toList() : List.of();
    }
    return references(b.ref(), b.after()).stream()
        .filter(ref -> becomesAnother(ref) || (restarts && hasOtherContent(ref)))
        .toList();
  }

  /** What it says of other content of its ConfigMaps and Secrets. */
  private static boolean restartsForConfiguration(Becoming b) {
    JsonNode said =
        switch (b.ref().kind()) {
          case CONTAINER -> b.after().path("spec").path("onConfigChange");
          case DEPLOYMENT -> annotated(b.after().path("spec").path("template"));
          default -> annotated(b.after());
        };
    return said.asText().equals("Restart");
  }

  private static JsonNode annotated(JsonNode object) {
    return object.path("metadata").path("annotations").path(Annotations.ON_CONFIG_CHANGE);
  }

  /** ConfigMaps and Secrets of a Deployment's template. */
  private static Stream<ObjectRef> configuration(Becoming deployment) {
    JsonNode spec = deployment.after().path("spec").path("template").path("spec");
    return ConfigReferences.of(
            ResourceCodec.MAPPER.convertValue(spec, PodSpec.class), deployment.ref().namespace())
        .stream()
        .map(ConfigReferences.Reference::ref)
        .distinct();
  }

  private boolean hasOtherContent(ObjectRef ref) {
    Becoming b = all.get(ref);
    boolean configuration =
        ref.kind() == ResourceKind.CONFIG_MAP || ref.kind() == ResourceKind.SECRET;
    return configuration
        && b != null
        && b.before() != null
        && Stream.of("data", "binaryData")
            .anyMatch(field -> !b.before().path(field).equals(b.after().path(field)));
  }

  private static Set<ObjectRef> references(ObjectRef ref, JsonNode object) {
    Set<ObjectRef> refs = new LinkedHashSet<>();
    References.of(ref.kind(), object)
        .forEach(r -> refs.add(new ObjectRef(r.kind(), r.namespace(), r.name())));
    if (ref.kind().namespaced()) {
      refs.add(new ObjectRef(ResourceKind.NAMESPACE, "", ref.namespace()));
    }
    return refs;
  }

  private boolean becomesAnother(ObjectRef ref) {
    Becoming b = all.get(ref);
    if (b == null || b.before() == null) {
      return false;
    }
    JsonNode was = b.before().path("spec");
    JsonNode willBe = b.after().path("spec");
    return switch (ref.kind()) {
      case IMAGE ->
          !without(was, "pullPolicy", "imagePullSecrets")
              .equals(without(willBe, "pullPolicy", "imagePullSecrets"));
      case NETWORK -> !was.path("subnets").equals(willBe.path("subnets"));
      default -> false;
    };
  }

  private static JsonNode without(JsonNode spec, String... fields) {
    return spec instanceof ObjectNode object ? object.deepCopy().without(List.of(fields)) : spec;
  }

  private static List<Change> changes(
      Becoming b, List<Difference> differences, Effect effect, Action action) {
    if (action == Action.CREATE) {
      return List.of();
    }
    if (action == Action.ROLL) {
      return differences.stream()
          .map(d -> new Change(d.path(), d.before(), d.after(), d.path().startsWith(TEMPLATE)))
          .toList();
    }
    boolean serious = action == Action.RECREATE || action == Action.RESTART;
    return differences.stream()
        .map(
            d ->
                new Change(
                    d.path(),
                    d.before(),
                    d.after(),
                    serious && effect.fields().stream().anyMatch(f -> isOf(b, d.path(), f))))
        .toList();
  }

  /** {@code field}: as planners call it, such as {@code env} or {@code networks}. */
  private static boolean isOf(Becoming b, String path, String field) {
    String name = field.substring(field.lastIndexOf('.') + 1);
    boolean networks = name.equals("annotations") || name.equals("networks");
    return path.matches(".*\\b" + name + "\\b.*")
        || (networks && b.ref().kind() == ResourceKind.CONTAINER && path.contains("networks"))
        || (name.equals("command") && path.contains("args"));
  }

  private List<ObjectRef> waitsFor(Becoming b) {
    return references(b.ref(), b.after()).stream()
        .filter(ref -> actions.getOrDefault(ref, Action.NONE) != Action.NONE)
        .toList();
  }

  private static String unavailable(Becoming b, Action action) {
    if (action == Action.ROLL) {
      return b.after().at("/spec/strategy/type").asText().equals("Recreate")
          ? "from the stop of its Pods until others are Ready"
          : "";
    }
    boolean runs = b.ref().kind() == ResourceKind.POD || b.ref().kind() == ResourceKind.CONTAINER;
    if (!runs || action == Action.NONE || action == Action.IN_PLACE || action == Action.CREATE) {
      return "";
    }
    long grace =
        b.after().path("spec").path("terminationGracePeriodSeconds").asLong(DEFAULT_GRACE_SECONDS);
    String stop = "from its stop, which takes at most " + grace + " s, ";
    return switch (action) {
      case RESTART -> stop + "until it is started again; addresses stay";
      case RECREATE -> stop + "until it is started again; addresses may change";
      case DELETE -> stop + "on";
      case NONE, CREATE, IN_PLACE, ROLL -> "";
    };
  }

  /** What is used goes after who uses it. */
  private PlannedObject pruned(Becoming b) {
    actions.put(b.ref(), Action.DELETE);
    List<ObjectRef> users =
        all.values().stream()
            .filter(other -> uses(other, b.ref()))
            .map(Becoming::ref)
            .sorted(Comparator.comparing(ObjectRef::toString))
            .toList();
    return new PlannedObject(
        b.ref(),
        Action.DELETE,
        List.of(),
        List.of(),
        users,
        unavailable(b, Action.DELETE),
        Differences.state(b.before(), b.after()));
  }

  private static boolean uses(Becoming other, ObjectRef ref) {
    if (ref.kind() == ResourceKind.NAMESPACE || other.before() == null) {
      return false;
    }
    Set<ObjectRef> used = references(other.ref(), other.before());
    return used.contains(ref);
  }
}
