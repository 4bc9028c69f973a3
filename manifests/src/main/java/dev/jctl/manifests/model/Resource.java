package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.NamespaceSpec;
import io.fabric8.kubernetes.api.model.NamespaceStatus;
import io.fabric8.kubernetes.api.model.NodeSpec;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimSpec;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatus;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.ServiceStatus;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object of the API, typed. {@code apiVersion} and {@code kind} are in its {@link ResourceKind}.
 */
public sealed interface Resource {
  ObjectMeta metadata();

  /** Manifests are followed from it. */
  sealed interface Followed extends Resource permits GitRepository, ManifestSource {
    FollowedSpec spec();

    @Nullable GitRepositoryStatus status();
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Image(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") ImageSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable ImageStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Container(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") ContainerSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable ContainerStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Network(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.", defaultValue = "{}") NetworkSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable NetworkStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Volume(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.", defaultValue = "{}") VolumeSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable VolumeStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record VolumeSnapshot(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") VolumeSnapshotSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable VolumeSnapshotStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record GitRepository(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") GitRepositorySpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable GitRepositoryStatus status)
      implements Followed {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ManifestSource(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") ManifestSourceSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable GitRepositoryStatus status)
      implements Followed {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ManifestSet(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.", defaultValue = "{}") ManifestSetSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable ManifestSetStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Pod(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") PodSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable PodStatus status)
      implements Resource {}

  /** apps/v1 Deployment: so many Pods alike, and how they are exchanged for new ones. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Deployment(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") DeploymentSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable DeploymentStatus status)
      implements Resource {}

  /** apps/v1 ReplicaSet: so many Pods alike. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ReplicaSet(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") ReplicaSetSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable ReplicaSetStatus status)
      implements Resource {}

  /** batch/v1 Job: Pods that run until so many have succeeded. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Job(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") JobSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable JobStatus status)
      implements Resource {}

  /** batch/v1 CronJob: a Job at certain times. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record CronJob(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") CronJobSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable CronJobStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Namespace(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") @Nullable NamespaceSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable NamespaceStatus status)
      implements Resource {}

  /** core/v1 Node: the machine. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Node(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") @Nullable NodeSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable NodeStatus status)
      implements Resource {}

  /** core/v1 ConfigMap. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ConfigMap(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "Texts by key.") @Nullable Map<String, String> data,
      @Field(doc = "Bytes by key, in base64.") @Nullable Map<String, String> binaryData,
      @Field(doc = "Whether data can never change again.") @Nullable Boolean immutable)
      implements Resource {}

  /** core/v1 Secret. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Secret(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What its data is for, such as kubernetes.io/tls.", defaultValue = "\"Opaque\"")
          @Nullable String type,
      @Field(doc = "Bytes by key, in base64.") @Nullable Map<String, String> data,
      @Field(doc = "Texts by key, to be written only: they become data.")
          @Nullable Map<String, String> stringData,
      @Field(doc = "Whether data can never change again.") @Nullable Boolean immutable)
      implements Resource {
    // a record of secrets that is logged says what it is and not what is in it
    @Override
    public String toString() {
      return "Secret[" + metadata.getNamespace() + "/" + metadata.getName() + "]";
    }
  }

  /** core/v1 Event. Times are RFC 3339 texts. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Event(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What it is about.") ObjectReference involvedObject,
      @Field(doc = "Why, in one word.") @Nullable String reason,
      @Field(doc = "What happened.") @Nullable String message,
      @Field(doc = "Normal or Warning.") @Nullable String type,
      @Field(doc = "How often it happened.") @Nullable Integer count,
      @Field(doc = "When it happened first.", format = "date-time") @Nullable String firstTimestamp,
      @Field(doc = "When it happened last.", format = "date-time") @Nullable String lastTimestamp,
      @Field(doc = "Who saw it.") @Nullable EventSource source,
      @Field(doc = "The controller that saw it.") @Nullable String reportingComponent,
      @Field(doc = "Which one of its instances.") @Nullable String reportingInstance,
      @Field(doc = "When it happened, of one that is no series.", format = "date-time")
          @Nullable String eventTime,
      @Field(doc = "What was done about it.") @Nullable String action,
      @Field(doc = "Another object that it is about.") @Nullable ObjectReference related,
      @Field(doc = "How often it went on happening.") @Nullable EventSeries series)
      implements Resource {
    public record EventSeries(
        @Field(doc = "How often it happened.") @Nullable Integer count,
        @Field(doc = "When it happened last.", format = "date-time")
            @Nullable String lastObservedTime) {}

    public record EventSource(
        @Field(doc = "The component.") @Nullable String component,
        @Field(doc = "The machine.") @Nullable String host) {}
  }

  /** core/v1 ServiceAccount: a name for programs. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ServiceAccount(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "Secrets that Pods of it may use.", mapKeys = "name")
          @Nullable List<ObjectReference> secrets,
      @Field(doc = "Secrets for pulling the images of new Pods of it that name none themselves.")
          @Nullable List<LocalObjectReference> imagePullSecrets,
      @Field(
              doc =
                  "Whether new Pods of it that do not say so themselves have a token for the API (false).")
          @Nullable Boolean automountServiceAccountToken)
      implements Resource {}

  /** core/v1 Service: one address and one name for Pods that labels select. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Service(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") ServiceSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable ServiceStatus status)
      implements Resource {}

  /** core/v1 Endpoints: the addresses behind a Service, in the older form. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Endpoints(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "Addresses with their ports.") @Nullable List<EndpointSubset> subsets)
      implements Resource {}

  /** discovery.k8s.io/v1 EndpointSlice: addresses behind a Service, of one family. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record EndpointSlice(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(
              doc = "What the addresses are; cannot change.",
              allowed = {"IPv4", "IPv6", "FQDN"})
          String addressType,
      @Field(doc = "Who is behind it.") @Nullable List<Endpoint> endpoints,
      @Field(doc = "Ports that all of them listen on.") @Nullable List<Port> ports)
      implements Resource {
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Endpoint(
        @Field(doc = "Its addresses.", set = true) List<String> addresses,
        @Field(doc = "How it is.") @Nullable Conditions conditions,
        @Field(doc = "Its host name.") @Nullable String hostname,
        @Field(doc = "The machine that it is on.") @Nullable String nodeName,
        @Field(doc = "The zone that it is in.") @Nullable String zone,
        @Field(doc = "Other facts about where it is.")
            @Nullable Map<String, String> deprecatedTopology,
        @Field(doc = "The Pod that it is.") @Nullable ObjectReference targetRef) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Conditions(
        @Field(doc = "Whether it gets new connections.") @Nullable Boolean ready,
        @Field(doc = "Whether it answers, also when it is about to end.") @Nullable Boolean serving,
        @Field(doc = "Whether it is about to end.") @Nullable Boolean terminating) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Port(
        @Field(doc = "The name of the Service's port.") @Nullable String name,
        @Field(
                doc = "The protocol.",
                allowed = {"TCP", "UDP", "SCTP"},
                defaultValue = "\"TCP\"")
            @Nullable String protocol,
        @Field(doc = "The number.", min = 1, max = 65535) @Nullable Integer port,
        @Field(doc = "What is spoken there.") @Nullable String appProtocol) {}
  }

  /** networking.k8s.io/v1 NetworkPolicy: who may talk to some Pods, and to whom they may. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record NetworkPolicy(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") @Nullable NetworkPolicySpec spec)
      implements Resource {}

  /** core/v1 PersistentVolumeClaim: a Volume of its name is wanted. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PersistentVolumeClaim(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") PersistentVolumeClaimSpec spec,
      @Field(doc = "What is so; written by the controller.")
          @Nullable PersistentVolumeClaimStatus status)
      implements Resource {}

  /** rbac.authorization.k8s.io/v1 Role: what one may do in a namespace. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Role(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What it allows.") @Nullable List<PolicyRule> rules)
      implements Resource {}

  /** rbac.authorization.k8s.io/v1 RoleBinding: who has a role in a namespace. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RoleBinding(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "Who has the role.") @Nullable List<Subject> subjects,
      @Field(doc = "The role; cannot change.") RoleRef roleRef)
      implements Resource {}

  /** rbac.authorization.k8s.io/v1 ClusterRole: what one may do, in all namespaces or in some. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ClusterRole(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What it allows.") @Nullable List<PolicyRule> rules,
      @Field(doc = "Of which others it has the rules.") @Nullable AggregationRule aggregationRule)
      implements Resource {
    public record AggregationRule(
        @Field(doc = "ClusterRoles that any of these selects.")
            @Nullable List<LabelSelector> clusterRoleSelectors) {}
  }

  /** rbac.authorization.k8s.io/v1 ClusterRoleBinding: who has a role in all namespaces. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ClusterRoleBinding(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "Who has the role.") @Nullable List<Subject> subjects,
      @Field(doc = "The role; cannot change.") RoleRef roleRef)
      implements Resource {}

  /** coordination.k8s.io/v1 Lease: which of several programs leads. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Lease(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "Who holds it, and until when.") @Nullable LeaseSpec spec)
      implements Resource {
    public record LeaseSpec(
        @Field(doc = "Who holds it.") @Nullable String holderIdentity,
        @Field(doc = "How long after renewTime it is held.", min = 1)
            @Nullable Integer leaseDurationSeconds,
        @Field(doc = "When it was taken.", format = "date-time") @Nullable String acquireTime,
        @Field(doc = "When it was renewed last.", format = "date-time") @Nullable String renewTime,
        @Field(doc = "How often it went to another holder.", min = 0)
            @Nullable Integer leaseTransitions,
        @Field(doc = "How the holder is chosen.") @Nullable String strategy,
        @Field(doc = "Who should hold it.") @Nullable String preferredHolder) {}
  }

  /** rbac.authorization.k8s.io/v1 PolicyRule. */
  record PolicyRule(
      @Field(doc = "What may be done, such as get; * is all.") List<String> verbs,
      @Field(doc = "Groups of the resources; \"\" is the core group, * is all.")
          @Nullable List<String> apiGroups,
      @Field(doc = "Plural names, such as pods or pods/exec; * is all.")
          @Nullable List<String> resources,
      @Field(doc = "Only objects of these names.") @Nullable List<String> resourceNames,
      @Field(doc = "Paths that are no resources; * at the end stands for any rest.")
          @Nullable List<String> nonResourceURLs) {}

  /** rbac.authorization.k8s.io/v1 Subject. */
  record Subject(
      @Field(
              doc = "What it is.",
              allowed = {"User", "Group", "ServiceAccount"})
          String kind,
      @Field(doc = "rbac.authorization.k8s.io, or nothing for a ServiceAccount.")
          @Nullable String apiGroup,
      @Field(doc = "Its name.") String name,
      @Field(doc = "Of a ServiceAccount.") @Nullable String namespace) {}

  /** rbac.authorization.k8s.io/v1 RoleRef. */
  record RoleRef(
      @Field(
              doc = "The group of roles.",
              allowed = "rbac.authorization.k8s.io",
              defaultValue = "\"rbac.authorization.k8s.io\"")
          @Nullable String apiGroup,
      @Field(
              doc = "Role or ClusterRole.",
              allowed = {"Role", "ClusterRole"})
          String kind,
      @Field(doc = "Its name.") String name) {}
}
