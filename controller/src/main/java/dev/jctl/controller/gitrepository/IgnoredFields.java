package dev.jctl.controller.gitrepository;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.FollowedSpec;
import dev.jctl.manifests.model.GitRepositorySpec.IgnoredDrift;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fields that are others' to change once an object is there: {@code spec.ignoreDrift}. What is to
 * be applied says of them what the object says now. Pure.
 */
final class IgnoredFields {
  private IgnoredFields() {}

  /** Changes {@code applied}. */
  static void keep(FollowedSpec spec, ObjectRef ref, ObjectNode applied, JsonNode live) {
    List<IgnoredDrift> all = spec.ignoreDrift() == null ? List.of() : spec.ignoreDrift();
    for (IgnoredDrift ignored : all) {
      if (isAny(ignored.kind(), ref.kind().kind())
          && isAny(ignored.name(), ref.name())
          && isAny(ignored.namespace(), ref.namespace())) {
        ignored.fields().forEach(field -> keep(steps(field), applied, live));
      }
    }
  }

  private static boolean isAny(@Nullable String wanted, String is) {
    return wanted == null || wanted.equals(is);
  }

  /** {@code spec.env}, or a JSON pointer (RFC 6901) where a name has a dot. */
  private static List<String> steps(String field) {
    return field.startsWith("/")
        ? List.of(field.substring(1).split("/", -1)).stream()
            .map(step -> step.replace("~1", "/").replace("~0", "~"))
            .toList()
        : List.of(field.split("\\.", -1));
  }

  private static void keep(List<String> steps, ObjectNode applied, JsonNode live) {
    String step = steps.getFirst();
    JsonNode is = live.path(step);
    if (steps.size() == 1) {
      if (is.isMissingNode()) {
        applied.remove(step);
      } else {
        applied.set(step, is.deepCopy());
      }
    } else if (is.isObject() || applied.path(step).isObject()) {
      ObjectNode child =
          applied.path(step) instanceof ObjectNode there ? there : applied.putObject(step);
      keep(steps.subList(1, steps.size()), child, is);
    }
  }
}
