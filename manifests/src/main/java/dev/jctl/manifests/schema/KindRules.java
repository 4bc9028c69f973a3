package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;

/**
 * What a schema cannot say of an object: rules over several fields and over the syntax of texts.
 * Everything here follows from the object alone; what depends on other objects or on the machine is
 * not an error but a condition in the status.
 */
public final class KindRules {
  private KindRules() {}

  /** All that is wrong. Parts of the wrong type are passed over: the schema reports them. */
  public static List<FieldError> check(ResourceKind kind, ObjectNode tree) {
    Findings findings = new Findings();
    MetadataRules.check(kind, tree.path("metadata"), findings);
    JsonNode spec = tree.path("spec");
    switch (kind) {
      case IMAGE -> ImageRules.check(spec, findings);
      case CONTAINER -> ContainerRules.checkObject(spec, findings);
      case NETWORK -> NetworkRules.check(spec, findings);
      case VOLUME -> VolumeRules.check(spec, findings);
      case PERSISTENT_VOLUME_CLAIM -> ClaimRules.check("spec", spec, findings);
      case VOLUME_SNAPSHOT -> VolumeRules.checkSnapshot(spec, findings);
      case GIT_REPOSITORY -> GitRepositoryRules.check(spec, findings);
      case MANIFEST_SOURCE -> ManifestSourceRules.check(spec, findings);
      case MANIFEST_SET -> ManifestSetRules.check(spec, findings);
      case POD -> PodRules.check(tree.path("metadata"), spec, findings);
      case DEPLOYMENT, REPLICA_SET -> WorkloadRules.checkReplicated(spec, findings);
      case JOB -> WorkloadRules.checkJob(spec, findings);
      case CRON_JOB -> WorkloadRules.checkCronJob(spec, findings);
      case CONFIG_MAP -> DataRules.checkConfigMap(tree, findings);
      case SECRET -> DataRules.checkSecret(tree, findings);
      case ROLE -> RbacRules.checkRole(tree, findings);
      case CLUSTER_ROLE -> RbacRules.checkClusterRole(tree, findings);
      case ROLE_BINDING -> RbacRules.checkRoleBinding(tree, findings);
      case CLUSTER_ROLE_BINDING -> RbacRules.checkClusterRoleBinding(tree, findings);
      case SERVICE -> ServiceRules.check(tree.path("metadata"), spec, findings);
      case NETWORK_POLICY -> NetworkPolicyRules.check(spec, findings);
      case NAMESPACE, NODE, EVENT, SERVICE_ACCOUNT, ENDPOINTS, ENDPOINT_SLICE, LEASE -> {}
    }
    return findings.errors();
  }
}
