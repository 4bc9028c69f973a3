package dev.jctl.shim.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.Observed.VolumeUsage.Limit;
import dev.jctl.shim.spec.VolumeSpec;
import dev.jctl.shim.spec.VolumeSpec.Backend;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What processes of their own keep and mount, docs/volume-plugins.md. They are asked, and what they
 * say is looked at: a volume is there when something is mounted where it was to be.
 */
record PluginVolumes(Places places) implements MountedVolumes {
  private static final Logger LOG = LoggerFactory.getLogger(PluginVolumes.class);

  @Override
  public boolean isPresent(String id) {
    return isListed(id);
  }

  @Override
  public void make(VolumeSpec volume) {
    PluginClient plugin = client(volume);
    if (volume.sizeBytes() > 0 && !can(plugin, "capacity")) {
      throw new RuntimeFailure(
          Reason.INVALID,
          "%s keeps no capacity; leave out spec.capacity of volume %s"
              .formatted(plugin, volume.id()));
    }
    ObjectNode wanted = about(volume).put("capacityBytes", volume.sizeBytes());
    ObjectNode parameters = wanted.putObject("parameters");
    backend(volume).parameters().forEach(parameters::put);
    plugin.call("create", wanted);
    if (!isPresent(volume.id())) {
      mount(volume, plugin);
    }
  }

  private void mount(VolumeSpec volume, PluginClient plugin) {
    Path target = mountPoint(volume.id());
    plugin.call("mount", about(volume).put("target", target.toString()));
    if (!isPresent(volume.id())) {
      RecordFiles.delete(target);
      throw new RuntimeFailure(
          Reason.INVALID,
          "%s says that volume %s is mounted, and nothing is mounted on %s"
              .formatted(plugin, volume.id(), target));
    }
  }

  private static boolean can(PluginClient plugin, String what) {
    return plugin
        .call("capabilities", JsonNodeFactory.instance.objectNode())
        .path(what)
        .asBoolean();
  }

  private static ObjectNode about(VolumeSpec volume) {
    return JsonNodeFactory.instance.objectNode().put("id", volume.id());
  }

  private PluginClient client(VolumeSpec volume) {
    String name = backend(volume).name();
    return new PluginClient(name, places.plugin(name));
  }

  private static Backend.Plugin backend(VolumeSpec volume) {
    if (volume.backend() instanceof Backend.Plugin plugin) {
      return plugin;
    }
    throw new RuntimeFailure(Reason.INVALID, "volume " + volume.id() + " names no plug-in");
  }

  @Override
  public void remove(VolumeSpec volume) {
    PluginClient plugin = client(volume);
    unmount(volume, plugin);
    plugin.call("remove", about(volume));
  }

  private void unmount(VolumeSpec volume, PluginClient plugin) {
    if (isPresent(volume.id())) {
      plugin.call("unmount", about(volume).put("target", path(volume.id()).toString()));
    }
    unmount(volume.id());
  }

  @Override
  public void release(VolumeSpec volume) {
    try {
      unmount(volume, client(volume));
    } catch (RuntimeFailure e) {
      LOG.warn("volume {} is unmounted without its plug-in: {}", volume.id(), e.getMessage());
      unmount(volume.id());
    }
  }

  @Override
  public Observed.VolumeUsage usage(VolumeSpec volume) {
    JsonNode used = client(volume).call("usage", about(volume)).path("usedBytes");
    return new Observed.VolumeUsage(Math.max(0, used.asLong()), volume.sizeBytes(), Limit.PLUGIN);
  }
}
