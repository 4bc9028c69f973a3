package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * networking.k8s.io/v1 NetworkPolicySpec. Lists that are absent and lists that are empty differ.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NetworkPolicySpec(
    @Field(doc = "The Pods of the namespace that it is about; {}: all.")
        @Nullable LabelSelector podSelector,
    @Field(doc = "From whom they take connections; none: from nobody.")
        @Nullable List<Ingress> ingress,
    @Field(doc = "To whom they may connect; none: to nobody.") @Nullable List<Egress> egress,
    @Field(
            doc =
                "What it limits: Ingress, Egress or both; none: Ingress, and Egress if it has any.",
            allowed = {"Ingress", "Egress"})
        @Nullable List<String> policyTypes) {

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Ingress(
      @Field(doc = "Ports that it opens; none: all.") @Nullable List<Port> ports,
      @Field(doc = "For whom; none: for everybody.") @Nullable List<Peer> from) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Egress(
      @Field(doc = "Ports that may be connected to; none: all.") @Nullable List<Port> ports,
      @Field(doc = "Of whom; none: of everybody.") @Nullable List<Peer> to) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Port(
      @Field(
              doc = "The protocol.",
              allowed = {"TCP", "UDP", "SCTP"},
              defaultValue = "\"TCP\"")
          @Nullable String protocol,
      @Field(doc = "Its number, or the name of a container's port; none: all.")
          @Nullable IntOrString port,
      @Field(doc = "The last of a range that begins with port.", min = 1, max = 65535)
          @Nullable Integer endPort) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Peer(
      @Field(doc = "Pods, of the policy's namespace unless namespaceSelector says others.")
          @Nullable LabelSelector podSelector,
      @Field(doc = "Namespaces; {}: all.") @Nullable LabelSelector namespaceSelector,
      @Field(doc = "Addresses.") @Nullable IpBlock ipBlock) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record IpBlock(
      @Field(doc = "A block such as 10.0.0.0/8.") String cidr,
      @Field(doc = "Blocks within it that are left out.") @Nullable List<String> except) {}
}
