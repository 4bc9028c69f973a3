package dev.jctl.controller.pod;

import dev.jctl.controller.resources.OwnerReferences;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.spec.Signal;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What is done about a container when a ConfigMap or Secret that it uses has other content. */
sealed interface OnConfigChange {
  /** Files are as they are now; its variables are those that it was started with. */
  record Keep() implements OnConfigChange {}

  record Restart() implements OnConfigChange {}

  /** Once the files are as they are now. */
  record Send(String name, int number) implements OnConfigChange {}

  /** Of a Pod; what is not known is {@link Keep}. */
  static OnConfigChange of(ObjectMeta pod) {
    String text = in(pod.getAnnotations(), Annotations.ON_CONFIG_CHANGE);
    if (text.equals("Restart")) {
      return isOfDeployment(pod) ? new Keep() : new Restart();
    }
    OptionalInt number = Signal.number(text);
    return number.isPresent() ? new Send(text, number.getAsInt()) : new Keep();
  }

  /** Which replaces its Pods, as many at a time as it may. */
  private static boolean isOfDeployment(ObjectMeta pod) {
    return !in(pod.getLabels(), "pod-template-hash").isEmpty()
        && OwnerReferences.include(pod, ResourceKind.REPLICA_SET);
  }

  private static String in(@Nullable Map<String, String> texts, String key) {
    return texts == null ? "" : texts.getOrDefault(key, "");
  }
}
