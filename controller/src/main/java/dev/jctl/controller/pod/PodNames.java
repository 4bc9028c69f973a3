package dev.jctl.controller.pod;

import java.nio.file.Path;
import java.util.Optional;

/** Names that the Pod reconciler gives, and the labels by which it knows its own again. */
final class PodNames {
  static final String CONTAINER_NAME = "jctl.dev/container";
  static final String IMAGE_ID = "jctl.dev/image-id";

  /** As the Pod names it. */
  static final String IMAGE = "jctl.dev/image";

  /** What of the Image object its owner had said by then. */
  static final String IMAGE_REVISION = "jctl.dev/image-revision";

  /** Exits in a row before this attempt that came too soon. */
  static final String CRASHES = "jctl.dev/crashes";

  /** How the attempt before ended: it outlives the removal of that attempt's container. */
  static final String LAST_EXIT = "jctl.dev/last-exit";

  /** Digest of the content of the ConfigMaps and Secrets that it was started with. */
  static final String CONFIG = "jctl.dev/config";

  /** Prefix of labels that hold the hash of one part of what was asked for. */
  static final String PART = "part.jctl.dev/";

  private static final String VOLUMES = "pod-";
  private static final int MAX_NAME = 36;

  private PodNames() {}

  /** Never used again: the Pod's uid and the attempt are in it. At most 63 characters. */
  static String containerId(String podUid, String name, int attempt) {
    String uid = podUid.replace("-", "");
    String shortUid = uid.substring(0, Math.min(12, uid.length()));
    String shortName =
        name.length() <= MAX_NAME
            ? name
            : name.substring(0, MAX_NAME - 7) + "-" + Hashes.of(name).substring(0, 6);
    return shortUid + "-" + shortName + "-" + attempt;
  }

  /** Of a volume that lives and dies with its Pod. */
  static String volumeId(String podUid, String volume) {
    return VOLUMES + podUid + "." + volume;
  }

  /** The Pod with which a volume dies, if that is one. */
  static Optional<String> uidOfVolume(String volumeId) {
    int end = volumeId.indexOf('.');
    return volumeId.startsWith(VOLUMES) && end > 0
        ? Optional.of(volumeId.substring(VOLUMES.length(), end))
        : Optional.empty();
  }

  static Path podLogs(Path logs, String namespace, String pod, String uid) {
    return logs.resolve(namespace + "_" + pod + "_" + uid);
  }
}
