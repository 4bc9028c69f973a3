package dev.jctl.cli.why;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.output.Readiness;
import dev.jctl.cli.output.ResourceTable;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.reference.Reference;
import dev.jctl.manifests.reference.References;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** An object, and what there is → why it is not ready. Pure. */
public final class Why {
  private static final int MAX_CAUSES = 5;

  private final Lookup lookup;
  private final Set<Reference> seen = new HashSet<>();

  private Why(Lookup lookup) {
    this.lookup = lookup;
  }

  public static Cause of(ResourceKind kind, String namespace, String name, Lookup lookup) {
    return new Why(lookup).explain(new Reference(kind, namespace, name, ""));
  }

  private static String named(Reference ref) {
    return ResourceTable.qualifiedName(ref.kind(), ref.name());
  }

  private Cause explain(Reference ref) {
    seen.add(ref);
    Optional<JsonNode> found = lookup.find(ref.kind(), ref.namespace(), ref.name());
    if (found.isEmpty()) {
      String where = ref.namespace().isEmpty() ? "" : " in namespace " + ref.namespace();
      return new Cause(named(ref), "does not exist" + where, "make it", List.of());
    }
    JsonNode object = found.get();
    if (!ref.key().isEmpty()) {
      return missingKey(ref, object);
    }
    Readiness readiness = Readiness.of(object);
    if (readiness.state() == Readiness.State.READY) {
      return Cause.of(named(ref), "is ready");
    }
    List<Cause> causes = causes(ref, object);
    String fact = fact(object, readiness);
    return new Cause(named(ref), fact, causes.isEmpty() ? Advice.on(fact) : "", causes);
  }

  private static String fact(JsonNode object, Readiness readiness) {
    String reason =
        Readiness.condition(object, "Ready")
            .map(c -> c.path("reason").asText(""))
            .filter(r -> !r.isEmpty())
            .orElse(readiness.status());
    String message = readiness.message();
    return "is not ready: " + reason + (message.isEmpty() ? "" : ": " + message);
  }

  private static Cause missingKey(Reference ref, JsonNode object) {
    List<String> keys = new ArrayList<>();
    object.path("data").fieldNames().forEachRemaining(keys::add);
    String there = keys.isEmpty() ? "it has none" : "it has " + String.join(", ", keys);
    return new Cause(
        named(ref),
        "has no key " + ref.key() + "; " + there,
        "add the key, or name another",
        List.of());
  }

  private List<Cause> causes(Reference ref, JsonNode object) {
    List<Cause> causes = new ArrayList<>();
    for (Reference needed : needed(ref, object)) {
      if (causes.size() < MAX_CAUSES && isInTheWay(needed)) {
        causes.add(
            seen.contains(needed) ? Cause.of(named(needed), "(see above)") : explain(needed));
      }
    }
    if (causes.isEmpty() && ref.kind() == ResourceKind.CONTAINER) {
      podOf(ref).ifPresent(causes::add);
    }
    if (causes.isEmpty() && ref.kind() == ResourceKind.POD) {
      causes.addAll(ended(ref, object));
    }
    return causes;
  }

  private static List<Reference> needed(Reference ref, JsonNode object) {
    if (ref.kind() != ResourceKind.MANIFEST_SET) {
      return References.of(ref.kind(), object);
    }
    List<Reference> members = new ArrayList<>();
    for (JsonNode member : object.at("/status/notReady")) {
      String[] parts = member.path("object").asText("").split("/", -1);
      boolean namespaced = parts.length == 3;
      ResourceKind.named(parts[0])
          .ifPresent(
              kind ->
                  members.add(
                      new Reference(
                          kind, namespaced ? parts[1] : "", parts[parts.length - 1], "")));
    }
    return members;
  }

  private boolean isInTheWay(Reference needed) {
    Optional<JsonNode> found = lookup.find(needed.kind(), needed.namespace(), needed.name());
    return found
        .map(
            o ->
                needed.key().isEmpty()
                    ? Readiness.of(o).state() != Readiness.State.READY
                    : !o.path("data").has(needed.key()) && !o.path("binaryData").has(needed.key()))
        .orElse(true);
  }

  /** It has the same name, and knows more. */
  private Optional<Cause> podOf(Reference container) {
    Reference pod = new Reference(ResourceKind.POD, container.namespace(), container.name(), "");
    return lookup.find(pod.kind(), pod.namespace(), pod.name()).map(p -> explain(pod));
  }

  private List<Cause> ended(Reference pod, JsonNode object) {
    List<Cause> causes = new ArrayList<>();
    for (String field : List.of("initContainerStatuses", "containerStatuses")) {
      for (JsonNode container : object.path("status").path(field)) {
        JsonNode last = container.at("/lastState/terminated");
        JsonNode now = container.at("/state/terminated");
        JsonNode end = now.isMissingNode() ? last : now;
        if (!end.isMissingNode() && !container.path("ready").asBoolean(false)) {
          causes.add(ended(pod, container, end));
        }
      }
    }
    return causes;
  }

  private Cause ended(Reference pod, JsonNode container, JsonNode end) {
    String name = container.path("name").asText("");
    String reason = end.path("reason").asText("");
    String said = end.path("message").asText("").lines().findFirst().orElse("");
    String line = lookup.lastLine(pod.namespace(), pod.name(), name);
    String fact =
        "ended with exit code "
            + end.path("exitCode").asText("")
            + (reason.isEmpty() ? "" : " (" + reason + ")")
            + restarts(container.path("restartCount").asInt(0))
            + (said.isEmpty() ? "" : ": " + said)
            + (line.isEmpty() ? "" : "; its last line was: " + line);
    String advice = Advice.on(reason);
    return new Cause(
        "container " + name,
        fact,
        advice.isEmpty() ? "see what it wrote: `" + logs(pod, container) + "`" : advice,
        List.of());
  }

  private static String restarts(int count) {
    return switch (count) {
      case 0 -> "";
      case 1 -> ", restarted once";
      default -> ", restarted " + count + " times";
    };
  }

  /** The command for what the attempt has written that ended. */
  private static String logs(Reference pod, JsonNode container) {
    String name = container.path("name").asText("");
    boolean another = container.at("/state/terminated").isMissingNode();
    return "jctl logs "
        + (another ? "--previous " : "")
        + pod.name()
        + (name.equals(pod.name()) ? "" : " -c " + name)
        + (pod.namespace().equals("default") ? "" : " -n " + pod.namespace());
  }
}
