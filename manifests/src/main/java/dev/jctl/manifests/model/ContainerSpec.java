package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One container, alone in its Pod. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ContainerSpec(
    @Field(
            doc =
                "An Image of the same namespace by name, or a reference, which makes an Image owned"
                    + " by this Container.")
        String image,
    @Field(
            doc = "When to pull.",
            allowed = {"Always", "IfNotPresent", "Never"},
            defaultValue = "\"IfNotPresent\"")
        @Nullable String imagePullPolicy,
    @Field(
            doc =
                "Secrets of the same namespace with the registry's credentials, for an image that"
                    + " is a reference.",
            mapKeys = "name")
        @Nullable List<LocalObjectReference> imagePullSecrets,
    @Field(doc = "Replaces the image's entrypoint.") @Nullable List<String> command,
    @Field(doc = "Replaces the image's arguments.") @Nullable List<String> args,
    @Field(doc = "Absolute path of the working directory.") @Nullable String workingDir,
    @Field(doc = "Environment variables.", mapKeys = "name") @Nullable List<EnvVar> env,
    @Field(doc = "ConfigMaps and Secrets of which all keys become environment variables.")
        @Nullable List<EnvFromSource> envFrom,
    @Field(
            doc =
                "What is done when a ConfigMap or Secret that it uses has other content: Keep (as"
                    + " when nothing is said), Restart, or a signal such as SIGHUP.")
        @Nullable String onConfigChange,
    @Field(doc = "The networks it is on; none: the namespace's default network.", mapKeys = "name")
        @Nullable List<NetworkRef> networks,
    @Field(
            doc = "Ports it listens on; hostPort publishes one on the machine.",
            mapKeys = {"containerPort", "protocol"})
        @Nullable List<ContainerPort> ports,
    @Field(
            doc =
                "Ports published on the machine, ranges too, as Docker and Compose write them:"
                    + " 8000-8010:8000-8010, 127.0.0.1:53:53/udp, [2001:db8::1]:443:8443.",
            set = true)
        @Nullable List<String> publish,
    @Field(
            doc =
                "From where host ports are reached: Localhost (unless hostIP says otherwise),"
                    + " Network, World, or blocks such as 192.0.2.0/24 with commas between.")
        @Nullable String expose,
    @Field(
            doc = "Where Volumes of the same namespace, by name, are mounted.",
            mapKeys = "mountPath")
        @Nullable List<VolumeMount> volumeMounts,
    @Field(doc = "What it may use: cpu, memory, pids.") @Nullable ResourceRequirements resources,
    @Field(
            doc = "Whether it is started again when it ends.",
            allowed = {"Always", "OnFailure", "Never"},
            defaultValue = "\"Always\"")
        @Nullable String restartPolicy,
    @Field(doc = "Until it succeeds the other probes wait.") @Nullable Probe startupProbe,
    @Field(doc = "Whether the container is ready.") @Nullable Probe readinessProbe,
    @Field(doc = "When it fails the container is restarted.") @Nullable Probe livenessProbe,
    @Field(doc = "Users, capabilities and other privileges.")
        @Nullable SecurityContext securityContext,
    @Field(doc = "How long it may take to end before it is killed.", defaultValue = "30", min = 0)
        @Nullable Long terminationGracePeriodSeconds,
    @Field(doc = "The signal that asks it to end; default from the image, else SIGTERM.")
        @Nullable String stopSignal,
    @Field(doc = "Its host name; default the object's name.") @Nullable String hostname,
    @Field(doc = "Whether it shares the machine's network instead of having its own.")
        @Nullable Boolean hostNetwork,
    @Field(
            doc =
                "Whether its users are the machine's: false, its root is nobody there; nothing"
                    + " said, false unless it asks for what takes the machine's.")
        @Nullable Boolean hostUsers,
    @Field(
            doc =
                "Whether its processes stand still, as with docker pause: they keep what they have,"
                    + " but do nothing until this is not so any more.")
        @Nullable Boolean paused,
    @Field(
            doc =
                "Whether its first process is an init, as with docker run --init: its command is"
                    + " the child of one that hands signals on and reaps those whose parents have"
                    + " ended.")
        @Nullable Boolean init,
    @Field(doc = "Whether its standard input can be attached to.") @Nullable Boolean stdin,
    @Field(doc = "Whether it has a terminal.") @Nullable Boolean tty) {

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record NetworkRef(
      @Field(doc = "A Network of the same namespace.") String name,
      @Field(doc = "Further names under which others on the network find it.", set = true)
          @Nullable List<String> aliases,
      @Field(doc = "A static address; none: one from the network's subnets.") @Nullable String ip,
      @Field(
              doc =
                  "A static IPv6 address beside an IPv4 one; none: one from the network's subnets.")
          @Nullable String ip6,
      @Field(doc = "A static MAC address such as 02:42:0a:5a:00:05; none: one made of the address.")
          @Nullable String mac) {
    /** Those that it asks for, at most one of a family. */
    public List<String> staticIps() {
      return Stream.of(Optional.ofNullable(ip), Optional.ofNullable(ip6))
          .flatMap(Optional::stream)
          .toList();
    }
  }
}
