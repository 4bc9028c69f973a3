package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;

/**
 * What a schema cannot say of our kinds, in the Common Expression Language, for servers that read
 * {@code x-kubernetes-validations} and for people who read OpenAPI. This server does not interpret
 * them: what may not change is enforced from this table, the others by {@link KindRules}, whose
 * messages say more.
 *
 * @see <a href="https://kubernetes.io/docs/reference/using-api/cel/">CEL in Kubernetes</a>
 */
public final class CelRules {
  private static final String SAME = "self == oldSelf";

  private CelRules() {}

  /** {@code path}: of the field that the rule is about, without lists; {@code spec.driver}. */
  public record Rule(String path, String expression, String message) {
    /** Whether it says that a field may not change. */
    public boolean fixes() {
      return expression.equals(SAME);
    }
  }

  public static List<Rule> of(ResourceKind kind) {
    return switch (kind) {
      case IMAGE ->
          List.of(
              new Rule(
                  "spec",
                  "[(has(self.reference) && !has(self.build)) || has(self.imageID) ||"
                      + " has(self.manifestDigest) || has(self.commit), has(self.archive), has(self.rootfs),"
                      + " has(self.files), has(self.build)].filter(given, given).size() == 1",
                  "expected exactly one of reference (or imageID, manifestDigest or commit), archive, rootfs, files, build"),
              new Rule(
                  "spec",
                  "has(self.reference) || has(self.build) || !has(self.imagePullSecrets) ||"
                      + " size(self.imagePullSecrets) == 0",
                  "imagePullSecrets: only an image with a reference or a build is pulled"));
      case CONTAINER ->
          List.of(
              new Rule(
                  "spec",
                  "!has(self.hostNetwork) || !self.hostNetwork || !has(self.networks) ||"
                      + " size(self.networks) == 0",
                  "hostNetwork is true, so it has the machine's network only: remove networks"));
      case NETWORK ->
          List.of(
              new Rule(
                  "spec.driver",
                  SAME,
                  "the driver of a network cannot change; delete the network and make it anew"));
      case VOLUME ->
          List.of(
              new Rule(
                  "spec.driver",
                  SAME,
                  "the driver of a volume cannot change: its content would be lost; delete the"
                      + " volume and make it anew"));
      default -> List.of();
    };
  }

  /** Puts them where they belong in the OpenAPI schema of a kind. */
  static void addTo(ResourceKind kind, ObjectNode schema) {
    for (Rule rule : of(kind)) {
      JsonNode field = schema;
      for (String step : rule.path().split("\\.", -1)) {
        field = field.path("properties").path(step);
      }
      if (field instanceof ObjectNode object) {
        object
            .withArray("x-kubernetes-validations")
            .addObject()
            .put("rule", rule.expression())
            .put("message", rule.message());
      }
    }
  }
}
