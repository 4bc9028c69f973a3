package dev.jctl.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.regex.Pattern;

/** What an apply does to an object that runs. */
public sealed interface Consequence {
  record Create() implements Consequence {}

  record Unchanged() implements Consequence {}

  /** The kernel, or the engine's own loop, takes the change while it runs. */
  record InPlace(List<FieldChanges.Change> changes) implements Consequence {}

  /** {@code forcing}: the changes that no running process can take. */
  record Recreate(List<FieldChanges.Change> changes, List<FieldChanges.Change> forcing)
      implements Consequence {}

  /** Fields of what runs that are applied in place; any other field of a spec forces recreation. */
  Pattern IN_PLACE =
      Pattern.compile(
          "(metadata\\..*)|spec\\.(containers\\[\\d+]\\.)?(resources\\..*|resources|ports\\[\\d+]\\.hostPort|ports"
              + "|(readiness|liveness|startup)Probe.*|restartPolicy|imagePullPolicy)"
              + "|spec\\.terminationGracePeriodSeconds|spec\\.stopSignal");

  static Consequence of(ResourceKind kind, JsonNode live, List<FieldChanges.Change> changes) {
    if (live.isEmpty()) {
      return new Create();
    }
    if (changes.isEmpty()) {
      return new Unchanged();
    }
    boolean runs = kind == ResourceKind.CONTAINER || kind == ResourceKind.POD;
    List<FieldChanges.Change> forcing =
        changes.stream().filter(c -> runs && !IN_PLACE.matcher(c.path()).matches()).toList();
    return forcing.isEmpty() ? new InPlace(changes) : new Recreate(changes, forcing);
  }
}
