package dev.jctl.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ApplyRecord.Becoming;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources.Applied;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SyscallPlanTest {
  private static ObjectNode container(String value) {
    return Json.object(
        """
        {apiVersion: 'jctl.dev/v1', kind: 'Container', metadata: {name: 'web', namespace: 'default'},
         spec: {image: 'box', command: ['/bin/sh'], env: [{name: 'MODE', value: '%s'}]}}
        """
            .formatted(value));
  }

  private static Becoming becoming(@Nullable ObjectNode before, ObjectNode after) {
    ObjectRef ref = new ObjectRef(ResourceKind.CONTAINER, "default", "web");
    return new Becoming(ref, before, after, Applied.Outcome.CONFIGURED);
  }

  @Test
  void aChangedVariableIsSeenInWhatIsExecuted() {
    SyscallPlan.Change change = SyscallPlan.of(becoming(container("a"), container("b")), List.of());
    assertThat(change.isNone()).isFalse();
    List<String> gone = new ArrayList<>(change.before());
    gone.removeAll(change.after());
    assertThat(gone).singleElement().asString().startsWith("execve(").contains("MODE=a");
  }

  @Test
  void whatIsNewHasNoneBeforeAndWhatGoesHasNoneAfter() {
    assertThat(SyscallPlan.of(becoming(null, container("a")), List.of()).before()).isEmpty();
    ObjectNode going = container("a");
    going.withObject("/metadata").put("deletionTimestamp", "2026-01-01T00:00:00Z");
    assertThat(SyscallPlan.of(becoming(container("a"), going), List.of()).after()).isEmpty();
    assertThat(SyscallPlan.of(becoming(container("a"), container("a")), List.of()).isNone())
        .isTrue();
  }
}
