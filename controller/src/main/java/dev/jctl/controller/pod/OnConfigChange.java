package dev.jctl.controller.pod;

import dev.jctl.manifests.model.Annotations;
import dev.jctl.shim.spec.Signal;
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
  static OnConfigChange of(@Nullable Map<String, String> annotations) {
    String text =
        annotations == null ? "" : annotations.getOrDefault(Annotations.ON_CONFIG_CHANGE, "");
    if (text.equals("Restart")) {
      return new Restart();
    }
    OptionalInt number = Signal.number(text);
    return number.isPresent() ? new Send(text, number.getAsInt()) : new Keep();
  }
}
