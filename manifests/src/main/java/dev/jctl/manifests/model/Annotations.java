package dev.jctl.manifests.model;

import java.util.Set;

/** Annotations and labels with a meaning of their own. */
public final class Annotations {
  /** On a Pod: a JSON list of {@link ContainerSpec.NetworkRef}. */
  public static final String NETWORKS = "jctl.dev/networks";

  /**
   * On a Pod with host ports and on a Service with node ports: from where they are reached, {@code
   * Localhost} (unless said otherwise), {@code Network}, {@code World}, or blocks with commas.
   */
  public static final String EXPOSE = "jctl.dev/expose";

  /** On a Pod: a JSON list of texts as {@link PublishedRange} reads them. */
  public static final String PUBLISH = "jctl.dev/publish";

  /** On a Pod: the stop signal of its first container. */
  public static final String STOP_SIGNAL = "jctl.dev/stop-signal";

  /**
   * On a Pod: what is done about its containers when a ConfigMap or Secret that they use has other
   * content: {@code Keep}, {@code Restart}, or a signal such as {@code SIGHUP}.
   */
  public static final String ON_CONFIG_CHANGE = "jctl.dev/on-config-change";

  /** On a Pod: {@code true}, none of its processes runs until it is not so any more. */
  public static final String PAUSED = "jctl.dev/paused";

  /** On a Pod: {@code true}, the first process of each of its containers is an init. */
  public static final String INIT = "jctl.dev/init";

  /** On an Image: whenever it changes the content is brought in anew. Such as a time. */
  public static final String PULL = "jctl.dev/pull";

  /** Label on each object of a set applied with {@code --set}: the set's name. */
  public static final String SET = "jctl.dev/set";

  /** On each object that is there because another object says so: {@code Kind/namespace/name}. */
  public static final String SOURCE = "jctl.dev/source";

  /** On an object that stays when it has left its set, with the value {@code disabled}. */
  public static final String PRUNE = "jctl.dev/prune";

  /** On a GitRepository: any text; another one asks to fetch and apply now. */
  public static final String RECONCILE_REQUESTED = "jctl.dev/reconcile-requested";

  /** What kubectl apply keeps for its three-way merge. */
  public static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  /** Those that say what a Pod shall be, as its spec does. */
  public static final Set<String> OF_PODS =
      Set.of(NETWORKS, EXPOSE, PUBLISH, STOP_SIGNAL, ON_CONFIG_CHANGE, PAUSED, INIT);

  private Annotations() {}
}
