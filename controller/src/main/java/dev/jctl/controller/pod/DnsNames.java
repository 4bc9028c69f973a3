package dev.jctl.controller.pod;

import dev.jctl.controller.network.Lease;
import dev.jctl.shim.spec.NameService;
import dev.jctl.shim.spec.SandboxSpec.Dns;
import io.fabric8.kubernetes.api.model.PodDNSConfig;
import io.fabric8.kubernetes.api.model.PodDNSConfigOption;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a Pod is called by its neighbours, and how it asks for their names. Pure. */
final class DnsNames {
  private static final int MAX_NAME = 253;
  private static final int MAX_LABEL = 63;

  /** As Kubernetes: so that {@code web.other} is looked for at home first. */
  private static final String NDOTS = "ndots:5";

  private DnsNames() {}

  /**
   * On one network. A Container's or Pod's name is also found where a Service's would be, for
   * clients that look only there.
   *
   * @param aliases further names there
   */
  static List<String> of(
      String name, String namespace, List<String> aliases, PodSpec spec, Lease lease) {
    List<String> names = new ArrayList<>();
    names.add(pod(name, namespace));
    addHost(names, name, namespace);
    aliases.forEach(alias -> addHost(names, alias, namespace));
    lease.addresses().forEach(a -> names.add(pod(dashed(Lease.ip(a)), namespace)));
    if (hasSubdomain(spec)) {
      String hostname = Objects.requireNonNullElse(spec.getHostname(), name);
      addHost(names, hostname + "." + spec.getSubdomain(), namespace);
    }
    return names.stream()
        .map(n -> n.toLowerCase(Locale.ROOT))
        .filter(DnsNames::canBeAsked)
        .distinct()
        .toList();
  }

  private static String pod(String name, String namespace) {
    return name + "." + namespace + ".pod." + NameService.DOMAIN;
  }

  private static void addHost(List<String> names, String host, String namespace) {
    names.add(host);
    names.add(host + "." + namespace);
    names.add(host + "." + namespace + ".svc." + NameService.DOMAIN);
  }

  private static String dashed(String ip) {
    return ip.replace('.', '-').replace(':', '-');
  }

  /** Names of objects may be longer than DNS has room for (RFC 1035, 2.3.4). */
  private static boolean canBeAsked(String name) {
    return name.length() <= MAX_NAME
        && List.of(name.split("\\.")).stream().allMatch(label -> label.length() <= MAX_LABEL);
  }

  private static boolean hasSubdomain(PodSpec spec) {
    return spec.getSubdomain() != null && !spec.getSubdomain().isEmpty();
  }

  /** Its own names in {@code /etc/hosts}, the full one first, as Kubernetes writes them. */
  static List<String> own(String hostname, String namespace, List<String> aliases, PodSpec spec) {
    List<String> names = new ArrayList<>();
    if (hasSubdomain(spec)) {
      names.add(
          hostname + "." + spec.getSubdomain() + "." + namespace + ".svc." + NameService.DOMAIN);
    }
    names.add(hostname);
    names.addAll(aliases);
    return names;
  }

  /**
   * By {@code dnsPolicy} and {@code dnsConfig}.
   *
   * @param onNetworks whether it has neighbours; without, the policy is as if it were Default
   */
  static Dns dns(PodSpec spec, String namespace, boolean onNetworks) {
    return switch (Objects.requireNonNullElse(spec.getDnsPolicy(), "ClusterFirst")) {
      case "None" -> with(Dns.Source.NONE, List.of(), List.of(), spec.getDnsConfig());
      case "Default" -> with(Dns.Source.HOST, List.of(), List.of(), spec.getDnsConfig());
      default ->
          onNetworks
              ? with(Dns.Source.NETWORKS, searches(namespace), List.of(NDOTS), spec.getDnsConfig())
              : with(Dns.Source.HOST, List.of(), List.of(), spec.getDnsConfig());
    };
  }

  private static List<String> searches(String namespace) {
    return List.of(
        namespace + ".svc." + NameService.DOMAIN, "svc." + NameService.DOMAIN, NameService.DOMAIN);
  }

  private static Dns with(
      Dns.Source source,
      List<String> searches,
      List<String> options,
      @Nullable PodDNSConfig config) {
    if (config == null) {
      return new Dns(source, List.of(), searches, options);
    }
    List<String> allSearches = new ArrayList<>(searches);
    allSearches.addAll(Objects.requireNonNullElse(config.getSearches(), List.of()));
    List<String> allOptions = new ArrayList<>();
    List<PodDNSConfigOption> asked = Objects.requireNonNullElse(config.getOptions(), List.of());
    options.stream()
        .filter(o -> asked.stream().noneMatch(a -> o.startsWith(a.getName() + ":")))
        .forEach(allOptions::add);
    asked.stream().map(DnsNames::option).forEach(allOptions::add);
    List<String> nameservers = Objects.requireNonNullElse(config.getNameservers(), List.of());
    return new Dns(source, nameservers, allSearches, allOptions);
  }

  private static String option(PodDNSConfigOption option) {
    return option.getValue() == null
        ? option.getName()
        : option.getName() + ":" + option.getValue();
  }
}
