package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** A container: that of a Container object, or one of a Pod. */
final class ContainerRules {
  /** IEEE 802: with the lowest bit of the first byte it would be a group. */
  private static final Pattern UNICAST_MAC =
      Pattern.compile("[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}");

  private ContainerRules() {}

  /** The spec of a Container object. */
  static void checkObject(JsonNode spec, Findings findings) {
    Map<String, String> published = new HashMap<>();
    check("spec", spec, published, findings);
    Findings.items("spec", spec, "publish")
        .forEach(range -> PortRules.range(range, published, findings));
    SecurityRules.users(spec, findings);
    SecurityRules.container("spec", spec, spec, findings);
    stopSignal("spec", spec, findings);
    onConfigChange("spec", spec, "onConfigChange", findings);
    hostname("spec", spec, findings);
    for (Findings.Item mount : Findings.items("spec", spec, "volumeMounts")) {
      Findings.text(mount.node(), "name")
          .filter(n -> !Names.isLabel(n))
          .ifPresent(
              n -> findings.invalid(mount.path("name"), n, "the name of a Volume: " + Names.LABEL));
    }
    pullSecrets(spec, findings);
    networks(spec, findings);
    PortRules.exposure(spec, "expose", "spec.expose", findings);
  }

  /**
   * What all containers have in common.
   *
   * @param published the host ports seen so far in the same Pod
   */
  static void check(
      String path, JsonNode container, Map<String, String> published, Findings findings) {
    Findings.text(container, "image")
        .filter(i -> !Names.isReference(i))
        .ifPresent(
            i ->
                findings.invalid(
                    FieldPath.child(path, "image"),
                    i,
                    "the name of an Image, or " + Names.REFERENCE));
    findings.absolutePath(path, container, "workingDir");
    EnvRules.check(path, container, findings);
    PortRules.check(path, container, new HashMap<>(), published, findings);
    ResourceRules.check(FieldPath.child(path, "resources"), container.path("resources"), findings);
    ProbeRules.check(path, container, findings);
    boolean privileged = container.path("securityContext").path("privileged").asBoolean();
    for (Findings.Item mount : Findings.items(path, container, "volumeMounts")) {
      mount(mount, findings);
      if (mount.node().path("mountPropagation").asText("").equals("Bidirectional") && !privileged) {
        findings.add(
            mount.path("mountPropagation"),
            FieldError.Type.FORBIDDEN,
            "Bidirectional shows the machine what the container mounts: it is for containers with"
                + " securityContext.privileged; use HostToContainer");
      }
    }
  }

  /** Of the spec of an Image, a Container or a Pod. */
  static void pullSecrets(JsonNode spec, Findings findings) {
    for (Findings.Item secret : Findings.items("spec", spec, "imagePullSecrets")) {
      if (secret.node().isObject() && !secret.node().hasNonNull("name")) {
        findings.add(
            secret.path("name"), FieldError.Type.REQUIRED, "missing: give it the name of a Secret");
      }
      Findings.text(secret.node(), "name")
          .filter(n -> !Names.isSubdomain(n))
          .ifPresent(
              n ->
                  findings.invalid(
                      secret.path("name"), n, "the name of a Secret: " + Names.SUBDOMAIN));
    }
  }

  private static void mount(Findings.Item mount, Findings findings) {
    findings.absolutePath(mount.path(), mount.node(), "mountPath");
    Findings.text(mount.node(), "mountPath")
        .filter(p -> p.matches("/+"))
        .ifPresent(p -> findings.invalid(mount.path("mountPath"), p, "a path below /"));
    Findings.text(mount.node(), "subPath")
        .filter(p -> p.startsWith("/") || ("/" + p + "/").contains("/../"))
        .ifPresent(
            p ->
                findings.invalid(mount.path("subPath"), p, "a path within the volume, without .."));
    Findings.text(mount.node(), "subPathExpr")
        .filter(p -> p.startsWith("/") || ("/" + p + "/").contains("/../"))
        .ifPresent(
            p ->
                findings.invalid(
                    mount.path("subPathExpr"),
                    p,
                    "a path within the volume, without .., such as logs/$(POD_NAME)"));
    if (!mount.node().path("subPath").asText("").isEmpty()
        && !mount.node().path("subPathExpr").asText("").isEmpty()) {
      findings.add(
          mount.path("subPathExpr"),
          FieldError.Type.INVALID,
          "subPath is given as well; remove one of the two");
    }
    recursiveReadOnly(mount, findings);
  }

  private static void recursiveReadOnly(Findings.Item mount, Findings findings) {
    boolean asked = mount.node().path("recursiveReadOnly").asText("Disabled").equals("Enabled");
    if (asked && !mount.node().path("readOnly").asBoolean()) {
      findings.add(
          mount.path("recursiveReadOnly"),
          FieldError.Type.INVALID,
          "Enabled is for mounts with readOnly: true; add that");
    }
    String propagation = mount.node().path("mountPropagation").asText("None");
    if (asked && !propagation.equals("None")) {
      findings.add(
          mount.path("recursiveReadOnly"),
          FieldError.Type.INVALID,
          "Enabled is for mounts with mountPropagation None; remove one of the two");
    }
  }

  private static void networks(JsonNode spec, Findings findings) {
    if (spec.path("hostNetwork").asBoolean() && !spec.path("networks").isEmpty()) {
      findings.add(
          "spec.networks",
          FieldError.Type.FORBIDDEN,
          "hostNetwork is true, so it has the machine's network only; remove one of the two");
    }
    if (spec.path("hostNetwork").asBoolean() && !spec.path("publish").isEmpty()) {
      findings.add("spec.publish", FieldError.Type.FORBIDDEN, PortRules.ON_HOST);
    }
    if (spec.path("hostNetwork").asBoolean()) {
      PortRules.onHost("spec", spec, findings);
    }
    Findings.items("spec", spec, "networks").forEach(network -> network(network, findings));
  }

  /** One of {@code spec.networks}, or of the annotation that says the same of a Pod. */
  static void network(Findings.Item network, Findings findings) {
    Findings.text(network.node(), "name")
        .filter(n -> !Names.isLabel(n))
        .ifPresent(
            n ->
                findings.invalid(network.path("name"), n, "the name of a Network: " + Names.LABEL));
    staticIps(network, findings);
    Findings.text(network.node(), "mac")
        .filter(mac -> !UNICAST_MAC.matcher(mac).matches())
        .ifPresent(
            mac ->
                findings.invalid(
                    network.path("mac"),
                    mac,
                    "a MAC address of one device such as 02:42:0a:5a:00:05 (second digit even)"));
    for (Findings.Item alias : Findings.items(network.path(), network.node(), "aliases")) {
      if (alias.node().isTextual() && !Names.isSubdomain(alias.node().textValue())) {
        findings.invalid(alias.path(), alias.node().textValue(), Names.SUBDOMAIN);
      }
    }
  }

  private static void staticIps(Findings.Item network, Findings findings) {
    Optional<String> ip6 = Findings.text(network.node(), "ip6");
    ip6.filter(ip -> !isOf(16, ip))
        .ifPresent(
            ip -> findings.invalid(network.path("ip6"), ip, "an IPv6 address such as fd00::5"));
    Findings.text(network.node(), "ip")
        .filter(ip -> Cidr.address(ip).isEmpty() || (ip6.isPresent() && !isOf(4, ip)))
        .ifPresent(
            ip ->
                findings.invalid(
                    network.path("ip"),
                    ip,
                    ip6.isPresent()
                        ? "an IPv4 address such as 10.90.0.5, as ip6 says the IPv6 one"
                        : "an address such as 10.90.0.5"));
  }

  private static boolean isOf(int bytes, String ip) {
    return Cidr.address(ip).filter(address -> address.length == bytes).isPresent();
  }

  static void onConfigChange(String path, JsonNode object, String field, Findings findings) {
    Findings.text(object, field)
        .filter(policy -> !policy.equals("Keep") && !policy.equals("Restart"))
        .filter(policy -> !Names.isSignal(policy))
        .ifPresent(
            policy ->
                findings.invalid(
                    FieldPath.child(path, field), policy, "Keep, Restart, or " + Names.SIGNAL));
  }

  static void stopSignal(String path, JsonNode object, Findings findings) {
    Findings.text(object, "stopSignal")
        .filter(s -> !Names.isSignal(s))
        .ifPresent(s -> findings.invalid(FieldPath.child(path, "stopSignal"), s, Names.SIGNAL));
  }

  static void hostname(String path, JsonNode object, Findings findings) {
    Findings.text(object, "hostname")
        .filter(h -> !Names.isLabel(h))
        .ifPresent(h -> findings.invalid(FieldPath.child(path, "hostname"), h, Names.LABEL));
  }
}
