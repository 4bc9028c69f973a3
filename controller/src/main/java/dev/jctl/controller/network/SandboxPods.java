package dev.jctl.controller.network;

import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.spec.Observed;
import java.util.Map;

/** Which Pod a sandbox is of: labels that it is made with. */
public final class SandboxPods {
  public static final String NAMESPACE = "jctl.dev/pod-namespace";
  public static final String NAME = "jctl.dev/pod-name";

  private SandboxPods() {}

  /** What the runtime says, with the names of Pods for the ids of their sandboxes. */
  public static String named(ContainerRuntime runtime, String words) {
    String text = words;
    for (Observed.Sandbox sandbox : runtime.sandboxes()) {
      Map<String, String> labels = sandbox.spec().labels();
      String pod = labels.get(NAMESPACE) + "/" + labels.get(NAME);
      text = text.replace("sandbox " + sandbox.spec().id(), "pod/" + pod);
    }
    return text;
  }
}
