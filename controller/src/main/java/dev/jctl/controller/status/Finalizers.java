package dev.jctl.controller.status;

import dev.jctl.manifests.model.ResourceKind;
import java.util.Map;

/** Who must be done with an object before it goes. */
public final class Finalizers {
  public static final String IMAGE = "jctl.dev/image";
  public static final String CONTAINER = "jctl.dev/container";
  public static final String NETWORK = "jctl.dev/network";
  public static final String VOLUME = "jctl.dev/volume";
  public static final String VOLUME_SNAPSHOT = "jctl.dev/volumesnapshot";
  public static final String GIT_REPOSITORY = "jctl.dev/gitrepository";
  public static final String MANIFEST_SET = "jctl.dev/manifestset";
  public static final String POD = "jctl.dev/pod";
  public static final String NAMESPACE = "jctl.dev/namespace";

  /** Kubernetes' own: a claim stays while a Pod uses it. */
  public static final String CLAIM = "kubernetes.io/pvc-protection";

  /** Kubernetes' own: dependants go first. */
  public static final String FOREGROUND = "foregroundDeletion";

  /** Kubernetes' own: dependants stay and forget their owner. */
  public static final String ORPHAN = "orphan";

  /** Those that reconcilers add to objects of a kind. */
  public static final Map<ResourceKind, String> BY_KIND =
      Map.of(
          ResourceKind.IMAGE, IMAGE,
          ResourceKind.CONTAINER, CONTAINER,
          ResourceKind.NETWORK, NETWORK,
          ResourceKind.VOLUME, VOLUME,
          ResourceKind.VOLUME_SNAPSHOT, VOLUME_SNAPSHOT,
          ResourceKind.PERSISTENT_VOLUME_CLAIM, CLAIM,
          ResourceKind.GIT_REPOSITORY, GIT_REPOSITORY,
          ResourceKind.MANIFEST_SOURCE, GIT_REPOSITORY,
          ResourceKind.MANIFEST_SET, MANIFEST_SET,
          ResourceKind.POD, POD);

  private Finalizers() {}
}
