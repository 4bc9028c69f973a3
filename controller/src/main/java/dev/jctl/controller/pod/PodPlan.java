package dev.jctl.controller.pod;

import dev.jctl.controller.pod.Resolution.Waiting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What to do now about a Pod.
 *
 * @param actions in order; each needs those before it
 * @param waiting why a container does not run though it should, by container name
 * @param recheck when time alone makes the next step due
 * @param change how a changed spec is being applied, or null
 */
record PodPlan(
    List<PodAction> actions,
    Map<String, Waiting> waiting,
    Optional<Instant> recheck,
    @Nullable Change change) {
  PodPlan {
    actions = List.copyOf(actions);
    waiting = Map.copyOf(waiting);
  }

  /** Its actions, a new sandbox together with the container that is to run in it next. */
  List<PodStep> steps() {
    List<PodStep> steps = new ArrayList<>();
    for (PodAction action : actions) {
      if (action instanceof PodAction.RunContainer run
          && !steps.isEmpty()
          && steps.getLast() instanceof PodAction.CreateSandbox create) {
        steps.set(steps.size() - 1, new PodStep.RunFirst(create, run));
      } else {
        steps.add(action);
      }
    }
    return steps;
  }

  /** {@code fields} of the spec that differ from what runs. */
  sealed interface Change {
    List<String> fields();

    record InPlace(List<String> fields) implements Change {
      public InPlace {
        fields = List.copyOf(fields);
      }
    }

    record Recreated(List<String> fields) implements Change {
      public Recreated {
        fields = List.copyOf(fields);
      }
    }
  }
}
