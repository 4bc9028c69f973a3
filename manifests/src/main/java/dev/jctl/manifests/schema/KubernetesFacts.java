package dev.jctl.manifests.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.jctl.manifests.model.Field;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the Fabric8 classes do not say of Kubernetes' fields: required, defaults, allowed values,
 * list types. Taken from the OpenAPI document and the defaulting functions of Kubernetes 1.32,
 * except that {@code imagePullPolicy} is IfNotPresent for every tag: nothing here is pulled behind
 * a user's back.
 */
final class KubernetesFacts {
  /**
   * {@code required}; {@code default=JSON}; {@code in=} allowed values; {@code min=}, {@code max=};
   * {@code keys=} of a list's items; {@code set}; {@code time}. Without a class, a line is for that
   * field of every class.
   */
  private static final String TABLE =
      """
      conditions                              keys=type
      ownerReferences                         keys=uid
      finalizers                              set
      creationTimestamp                       time
      deletionTimestamp                       time
      lastTransitionTime                      time
      lastUpdateTime                          time
      lastProbeTime                           time
      startTime                               time
      ManagedFieldsEntry.time                 time
      ContainerStateRunning.startedAt         time
      ContainerStateTerminated.startedAt      time
      ContainerStateTerminated.finishedAt     time
      OwnerReference.apiVersion               required
      OwnerReference.kind                     required
      OwnerReference.name                     required
      OwnerReference.uid                      required
      Condition.type                          required
      Condition.status                        required in=True,False,Unknown
      PodCondition.type                       required
      PodCondition.status                     required in=True,False,Unknown
      NamespaceCondition.type                 required
      NamespaceCondition.status               required in=True,False,Unknown

      LabelSelectorRequirement.key            required
      LabelSelectorRequirement.operator       required in=In,NotIn,Exists,DoesNotExist

      PodTemplateSpec.spec                    required
      PodSpec.containers                      required keys=name
      PodSpec.initContainers                  keys=name
      PodSpec.ephemeralContainers             keys=name
      PodSpec.volumes                         keys=name
      PodSpec.imagePullSecrets                keys=name
      PodSpec.hostAliases                     keys=ip
      PodSpec.resourceClaims                  keys=name
      PodSpec.schedulingGates                 keys=name
      PodSpec.topologySpreadConstraints       keys=topologyKey,whenUnsatisfiable
      PodSpec.restartPolicy                   default="Always" in=Always,OnFailure,Never
      PodSpec.dnsPolicy                       default="ClusterFirst" in=ClusterFirst,ClusterFirstWithHostNet,Default,None
      PodSpec.terminationGracePeriodSeconds   default=30 min=0
      PodSpec.activeDeadlineSeconds           min=1 max=2147483647
      PodSpec.preemptionPolicy                in=Never,PreemptLowerPriority
      PodSecurityContext.fsGroupChangePolicy  in=OnRootMismatch,Always
      PodSecurityContext.supplementalGroupsPolicy in=Merge,Strict
      PodSecurityContext.runAsUser            min=0 max=2147483647
      PodSecurityContext.runAsGroup           min=0 max=2147483647
      PodSecurityContext.fsGroup              min=0 max=2147483647
      Sysctl.name                             required
      Sysctl.value                            required
      HostAlias.ip                            required
      Toleration.operator                     in=Exists,Equal
      Toleration.effect                       in=NoSchedule,PreferNoSchedule,NoExecute

      Container.name                          required
      Container.image                         required
      Container.imagePullPolicy               default="IfNotPresent" in=Always,IfNotPresent,Never
      Container.restartPolicy                 in=Always,OnFailure,Never
      Container.env                           keys=name
      Container.ports                         keys=containerPort,protocol
      Container.volumeMounts                  keys=mountPath
      Container.volumeDevices                 keys=devicePath
      Container.terminationMessagePolicy      in=File,FallbackToLogsOnError
      EphemeralContainer.name                 required
      EphemeralContainer.image                required
      EphemeralContainer.imagePullPolicy      default="IfNotPresent" in=Always,IfNotPresent,Never
      EphemeralContainer.env                  keys=name
      EphemeralContainer.ports                keys=containerPort,protocol
      EphemeralContainer.volumeMounts         keys=mountPath
      EphemeralContainer.volumeDevices        keys=devicePath
      EnvVar.name                             required
      ConfigMapKeySelector.key                required
      SecretKeySelector.key                   required
      ObjectFieldSelector.fieldPath           required
      ObjectFieldSelector.apiVersion          default="v1"
      ResourceFieldSelector.resource          required
      ContainerPort.containerPort             required min=1 max=65535
      ContainerPort.hostPort                  min=0 max=65535
      ContainerPort.protocol                  default="TCP" in=TCP,UDP,SCTP
      VolumeMount.name                        required
      VolumeMount.mountPath                   required
      VolumeMount.mountPropagation            in=None,HostToContainer,Bidirectional
      VolumeMount.recursiveReadOnly           in=Disabled,IfPossible,Enabled
      VolumeDevice.name                       required
      VolumeDevice.devicePath                 required
      ResourceRequirements.claims             keys=name
      ResourceClaim.name                      required
      SecurityContext.runAsUser               min=0 max=2147483647
      SecurityContext.runAsGroup              min=0 max=2147483647
      SecurityContext.procMount               in=Default,Unmasked
      SeccompProfile.type                     required in=Unconfined,RuntimeDefault,Localhost
      AppArmorProfile.type                    required in=Unconfined,RuntimeDefault,Localhost

      Probe.initialDelaySeconds               min=0
      Probe.periodSeconds                     default=10 min=1
      Probe.timeoutSeconds                    default=1 min=1
      Probe.successThreshold                  default=1 min=1
      Probe.failureThreshold                  default=3 min=1
      Probe.terminationGracePeriodSeconds     min=1
      HTTPGetAction.path                      default="/"
      HTTPGetAction.port                      required
      HTTPGetAction.scheme                    default="HTTP" in=HTTP,HTTPS
      HTTPHeader.name                         required
      HTTPHeader.value                        required
      TCPSocketAction.port                    required
      GRPCAction.port                         required min=1 max=65535
      SleepAction.seconds                     required min=0

      Volume.name                             required
      HostPathVolumeSource.path               required
      HostPathVolumeSource.type               in=,DirectoryOrCreate,Directory,FileOrCreate,File,Socket,CharDevice,BlockDevice
      EmptyDirVolumeSource.medium             in=,Memory
      PersistentVolumeClaimVolumeSource.claimName required
      EphemeralVolumeSource.volumeClaimTemplate required
      PersistentVolumeClaimTemplate.spec      required
      ImageVolumeSource.pullPolicy            in=Always,IfNotPresent,Never
      PersistentVolumeClaimSpec.accessModes   in=ReadWriteOnce,ReadOnlyMany,ReadWriteMany,ReadWriteOncePod
      NFSVolumeSource.server                  required
      NFSVolumeSource.path                    required
      KeyToPath.key                           required
      KeyToPath.path                          required

      ServiceSpec.type                        default="ClusterIP" in=ClusterIP,NodePort,LoadBalancer,ExternalName
      ServiceSpec.sessionAffinity             default="None" in=None,ClientIP
      ServiceSpec.ports                       keys=port,protocol
      ServiceSpec.ipFamilyPolicy              in=SingleStack,PreferDualStack,RequireDualStack
      ServiceSpec.internalTrafficPolicy       in=Cluster,Local
      ServiceSpec.externalTrafficPolicy       in=Cluster,Local
      ServicePort.port                        required min=1 max=65535
      ServicePort.nodePort                    min=0 max=65535
      ServicePort.protocol                    default="TCP" in=TCP,UDP,SCTP
      ClientIPConfig.timeoutSeconds           min=1 max=86400
      EndpointAddress.ip                      required
      EndpointPort.port                       required min=1 max=65535
      EndpointPort.protocol                   default="TCP" in=TCP,UDP,SCTP

      PodStatus.podIPs                        keys=ip
      PodStatus.hostIPs                       keys=ip
      PodIP.ip                                required
      HostIP.ip                               required
      ContainerStatus.name                    required
      """;

  private static final Map<String, Fact> BY_FIELD = parse();

  private KubernetesFacts() {}

  /** What is known of one field, from the table or from our annotation. */
  record Fact(
      boolean required,
      @Nullable JsonNode defaultValue,
      List<String> allowed,
      @Nullable Long minimum,
      @Nullable Long maximum,
      List<String> mapKeys,
      boolean set,
      boolean time) {
    static final Fact NONE = new Fact(false, null, List.of(), null, null, List.of(), false, false);

    /** Of a list: which values each of its items may have. */
    Fact ofItems() {
      return new Fact(false, null, allowed, null, null, List.of(), false, false);
    }
  }

  static Fact of(Class<?> owner, String field) {
    Fact own = BY_FIELD.get(owner.getSimpleName() + "." + field);
    return own != null ? own : Objects.requireNonNullElse(BY_FIELD.get(field), Fact.NONE);
  }

  /** All of the table's {@code Class.field} keys, so that the generator can find a mistyped one. */
  static List<String> qualifiedFields() {
    return BY_FIELD.keySet().stream().filter(k -> k.contains(".")).sorted().toList();
  }

  static Fact of(Field field, boolean nonNull) {
    JsonNode defaultValue = field.defaultValue().isEmpty() ? null : json(field.defaultValue());
    return new Fact(
        nonNull && defaultValue == null,
        defaultValue,
        List.of(field.allowed()),
        field.min() == Long.MIN_VALUE ? null : field.min(),
        field.max() == Long.MAX_VALUE ? null : field.max(),
        List.of(field.mapKeys()),
        field.set(),
        field.format().equals("date-time"));
  }

  private static Map<String, Fact> parse() {
    Map<String, Fact> facts = new HashMap<>();
    TABLE
        .lines()
        .filter(line -> !line.isBlank())
        .forEach(
            line -> {
              List<String> words = List.of(line.trim().split("\\s+"));
              facts.put(words.getFirst(), fact(words.subList(1, words.size())));
            });
    return Map.copyOf(facts);
  }

  private static Fact fact(List<String> words) {
    Map<String, String> values = new HashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      values.put(
          equals < 0 ? word : word.substring(0, equals),
          equals < 0 ? "" : word.substring(equals + 1));
    }
    String defaultValue = values.get("default");
    return new Fact(
        values.containsKey("required"),
        defaultValue == null ? null : json(defaultValue),
        list(values.get("in")),
        number(values.get("min")),
        number(values.get("max")),
        list(values.get("keys")),
        values.containsKey("set"),
        values.containsKey("time"));
  }

  private static List<String> list(@Nullable String commas) {
    return commas == null ? List.of() : List.of(commas.split(",", -1));
  }

  private static @Nullable Long number(@Nullable String text) {
    return text == null ? null : Long.valueOf(text);
  }

  private static JsonNode json(String text) {
    try {
      return new JsonMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + text, e);
    }
  }
}
