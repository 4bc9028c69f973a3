package dev.jctl.manifests.model;

import java.util.List;
import java.util.Optional;

/** The kinds that are served, with their names in the API. */
public enum ResourceKind {
  IMAGE("jctl.dev", "v1", "Image", "images", "image", List.of("img"), true, Resource.Image.class),
  CONTAINER(
      "jctl.dev",
      "v1",
      "Container",
      "containers",
      "container",
      List.of("ctr", "ctrs"),
      true,
      Resource.Container.class),
  NETWORK(
      "jctl.dev",
      "v1",
      "Network",
      "networks",
      "network",
      List.of("net"),
      true,
      Resource.Network.class),
  VOLUME(
      "jctl.dev", "v1", "Volume", "volumes", "volume", List.of("vol"), true, Resource.Volume.class),
  VOLUME_SNAPSHOT(
      "jctl.dev",
      "v1",
      "VolumeSnapshot",
      "volumesnapshots",
      "volumesnapshot",
      List.of("snap"),
      true,
      Resource.VolumeSnapshot.class),
  GIT_REPOSITORY(
      "jctl.dev",
      "v1",
      "GitRepository",
      "gitrepositories",
      "gitrepository",
      List.of("gitrepo"),
      true,
      Resource.GitRepository.class),
  MANIFEST_SOURCE(
      "jctl.dev",
      "v1",
      "ManifestSource",
      "manifestsources",
      "manifestsource",
      List.of("msrc"),
      true,
      Resource.ManifestSource.class),
  MANIFEST_SET(
      "jctl.dev",
      "v1",
      "ManifestSet",
      "manifestsets",
      "manifestset",
      List.of("set", "sets"),
      true,
      Resource.ManifestSet.class),
  POD("", "v1", "Pod", "pods", "pod", List.of("po"), true, Resource.Pod.class),
  DEPLOYMENT(
      "apps",
      "v1",
      "Deployment",
      "deployments",
      "deployment",
      List.of("deploy"),
      true,
      Resource.Deployment.class),
  REPLICA_SET(
      "apps",
      "v1",
      "ReplicaSet",
      "replicasets",
      "replicaset",
      List.of("rs"),
      true,
      Resource.ReplicaSet.class),
  JOB("batch", "v1", "Job", "jobs", "job", List.of(), true, Resource.Job.class),
  CRON_JOB(
      "batch", "v1", "CronJob", "cronjobs", "cronjob", List.of("cj"), true, Resource.CronJob.class),
  NAMESPACE(
      "",
      "v1",
      "Namespace",
      "namespaces",
      "namespace",
      List.of("ns"),
      false,
      Resource.Namespace.class),
  NODE("", "v1", "Node", "nodes", "node", List.of("no"), false, Resource.Node.class),
  CONFIG_MAP(
      "",
      "v1",
      "ConfigMap",
      "configmaps",
      "configmap",
      List.of("cm"),
      true,
      Resource.ConfigMap.class),
  SECRET("", "v1", "Secret", "secrets", "secret", List.of(), true, Resource.Secret.class),
  EVENT("", "v1", "Event", "events", "event", List.of("ev"), true, Resource.Event.class),
  SERVICE_ACCOUNT(
      "",
      "v1",
      "ServiceAccount",
      "serviceaccounts",
      "serviceaccount",
      List.of("sa"),
      true,
      Resource.ServiceAccount.class),
  SERVICE("", "v1", "Service", "services", "service", List.of("svc"), true, Resource.Service.class),
  ENDPOINTS(
      "",
      "v1",
      "Endpoints",
      "endpoints",
      "endpoints",
      List.of("ep"),
      true,
      Resource.Endpoints.class),
  ENDPOINT_SLICE(
      "discovery.k8s.io",
      "v1",
      "EndpointSlice",
      "endpointslices",
      "endpointslice",
      List.of(),
      true,
      Resource.EndpointSlice.class),
  NETWORK_POLICY(
      "networking.k8s.io",
      "v1",
      "NetworkPolicy",
      "networkpolicies",
      "networkpolicy",
      List.of("netpol"),
      true,
      Resource.NetworkPolicy.class),
  PERSISTENT_VOLUME_CLAIM(
      "",
      "v1",
      "PersistentVolumeClaim",
      "persistentvolumeclaims",
      "persistentvolumeclaim",
      List.of("pvc"),
      true,
      Resource.PersistentVolumeClaim.class),
  ROLE(
      "rbac.authorization.k8s.io",
      "v1",
      "Role",
      "roles",
      "role",
      List.of(),
      true,
      Resource.Role.class),
  ROLE_BINDING(
      "rbac.authorization.k8s.io",
      "v1",
      "RoleBinding",
      "rolebindings",
      "rolebinding",
      List.of(),
      true,
      Resource.RoleBinding.class),
  CLUSTER_ROLE(
      "rbac.authorization.k8s.io",
      "v1",
      "ClusterRole",
      "clusterroles",
      "clusterrole",
      List.of(),
      false,
      Resource.ClusterRole.class),
  CLUSTER_ROLE_BINDING(
      "rbac.authorization.k8s.io",
      "v1",
      "ClusterRoleBinding",
      "clusterrolebindings",
      "clusterrolebinding",
      List.of(),
      false,
      Resource.ClusterRoleBinding.class),
  LEASE(
      "coordination.k8s.io",
      "v1",
      "Lease",
      "leases",
      "lease",
      List.of(),
      true,
      Resource.Lease.class);

  private final String group;
  private final String version;
  private final String kind;
  private final String plural;
  private final String singular;
  private final List<String> shortNames;
  private final boolean namespaced;
  private final Class<? extends Resource> type;

  ResourceKind(
      String group,
      String version,
      String kind,
      String plural,
      String singular,
      List<String> shortNames,
      boolean namespaced,
      Class<? extends Resource> type) {
    this.group = group;
    this.version = version;
    this.kind = kind;
    this.plural = plural;
    this.singular = singular;
    this.shortNames = shortNames;
    this.namespaced = namespaced;
    this.type = type;
  }

  /** Empty for the core group. */
  public String group() {
    return group;
  }

  public String version() {
    return version;
  }

  /** {@code jctl.dev/v1} or {@code v1}. */
  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  public String kind() {
    return kind;
  }

  public String plural() {
    return plural;
  }

  public String singular() {
    return singular;
  }

  public List<String> shortNames() {
    return shortNames;
  }

  public boolean namespaced() {
    return namespaced;
  }

  public Class<? extends Resource> type() {
    return type;
  }

  /** Whether what is so is told apart from what shall be so. */
  public boolean hasStatus() {
    return switch (this) {
      case IMAGE,
          CONTAINER,
          NETWORK,
          VOLUME,
          VOLUME_SNAPSHOT,
          GIT_REPOSITORY,
          MANIFEST_SOURCE,
          MANIFEST_SET,
          POD,
          DEPLOYMENT,
          REPLICA_SET,
          JOB,
          CRON_JOB,
          NAMESPACE,
          NODE,
          SERVICE,
          PERSISTENT_VOLUME_CLAIM ->
          true;
      case CONFIG_MAP,
          SECRET,
          EVENT,
          SERVICE_ACCOUNT,
          ENDPOINTS,
          ENDPOINT_SLICE,
          NETWORK_POLICY,
          ROLE,
          ROLE_BINDING,
          CLUSTER_ROLE,
          CLUSTER_ROLE_BINDING,
          LEASE ->
          false;
    };
  }

  /** Whether its spec says how many of it there shall be: {@code /scale} is that alone. */
  public boolean hasScale() {
    return this == DEPLOYMENT || this == REPLICA_SET;
  }

  /** {@code /api/v1} or {@code /apis/jctl.dev/v1}. */
  public String pathPrefix() {
    return group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
  }

  public static Optional<ResourceKind> of(String apiVersion, String kind) {
    for (ResourceKind k : values()) {
      if (k.apiVersion().equals(apiVersion) && k.kind.equals(kind)) {
        return Optional.of(k);
      }
    }
    return Optional.empty();
  }

  public static Optional<ResourceKind> ofPlural(String group, String version, String plural) {
    for (ResourceKind k : values()) {
      if (k.group.equals(group) && k.version.equals(version) && k.plural.equals(plural)) {
        return Optional.of(k);
      }
    }
    return Optional.empty();
  }

  /**
   * As typed on a command line: plural, singular, short name or kind, in any case, with or without
   * {@code .group}.
   */
  public static Optional<ResourceKind> named(String word) {
    String w = word.toLowerCase(java.util.Locale.ROOT);
    for (ResourceKind k : values()) {
      for (String name : k.names()) {
        if (w.equals(name) || (!k.group.isEmpty() && w.equals(name + "." + k.group))) {
          return Optional.of(k);
        }
      }
    }
    return Optional.empty();
  }

  private List<String> names() {
    return java.util.stream.Stream.concat(
            java.util.stream.Stream.of(plural, singular), shortNames.stream())
        .toList();
  }
}
