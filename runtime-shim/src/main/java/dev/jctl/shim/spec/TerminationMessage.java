package dev.jctl.shim.spec;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a container says why it ends: {@code terminationMessagePath} and {@code
 * terminationMessagePolicy} of Kubernetes, as the annotations by which the kubelet asks container
 * runtimes for it.
 *
 * @param path of a file inside, absolute
 * @param orLog what it has written last to its log says it, when the file is empty and it failed
 */
public record TerminationMessage(String path, boolean orLog) {
  private static final String PATH = "io.kubernetes.container.terminationMessagePath";
  private static final String POLICY = "io.kubernetes.container.terminationMessagePolicy";
  private static final String OR_LOG = "FallbackToLogsOnError";

  /**
   * @param policy as Kubernetes calls it; null: {@code File}
   */
  public static TerminationMessage of(String path, @Nullable String policy) {
    return new TerminationMessage(path, OR_LOG.equals(policy));
  }

  /** None when the spec does not ask for it. */
  public static Optional<TerminationMessage> of(OciSpec oci) {
    return Optional.ofNullable(oci.annotations().get(PATH))
        .map(path -> of(path, oci.annotations().get(POLICY)));
  }

  public Map<String, String> annotations() {
    return Map.of(PATH, path, POLICY, orLog ? OR_LOG : "File");
  }
}
