package dev.jctl.shim.plan;

import dev.jctl.shim.spec.OciSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * A mount of a spec that the parent makes before there is a child, which it then mounts: the child
 * can neither copy files nor hold a user namespace.
 */
public sealed interface ParentMount {
  /** Among the spec's mounts. */
  int index();

  /**
   * A tmpfs with what the image has there.
   *
   * @param data options of the file system
   */
  record CopiedUp(int index, String destination, String data) implements ParentMount {}

  /**
   * Files of the host as of the users of another user namespace.
   *
   * @param recursive with the mounts beneath
   * @param mapsBeneath which are shown so, too
   * @param namespace path of a user namespace that has the mappings; else one is made
   */
  record IdMapped(
      int index,
      String destination,
      String source,
      boolean recursive,
      boolean mapsBeneath,
      String namespace,
      List<OciSpec.IdMapping> users,
      List<OciSpec.IdMapping> groups)
      implements ParentMount {
    public IdMapped {
      users = List.copyOf(users);
      groups = List.copyOf(groups);
    }
  }

  static List<ParentMount> of(OciSpec oci) {
    List<ParentMount> all = new ArrayList<>();
    for (int i = 0; i < oci.mounts().size(); i++) {
      OciSpec.Mount mount = oci.mounts().get(i);
      MountOptions options = MountOptions.parse(mount);
      if (options.copiesUp()) {
        all.add(copiedUp(i, mount, options));
      }
      if (options.mapsIds()) {
        all.add(mapped(i, mount, options, oci.linux()));
      }
    }
    return all;
  }

  private static ParentMount copiedUp(int index, OciSpec.Mount mount, MountOptions options) {
    if (!"tmpfs".equals(mount.type()) || options.bind()) {
      throw Invalid.of(
          "mount on " + mount.destination() + ": option tmpcopyup is for type tmpfs only");
    }
    return new CopiedUp(index, mount.destination(), options.data());
  }

  private static ParentMount mapped(
      int index, OciSpec.Mount mount, MountOptions options, OciSpec.Linux linux) {
    String source = mount.source();
    if (!options.bind() || source == null || !source.startsWith("/")) {
      throw Invalid.of("mount on " + mount.destination() + ": only a bind can be idmapped");
    }
    if (mount.uidMappings().isEmpty() != mount.gidMappings().isEmpty()) {
      throw Invalid.of(
          "mount on "
              + mount.destination()
              + ": needs both uidMappings and gidMappings, or neither");
    }
    boolean own = !mount.uidMappings().isEmpty();
    String namespace = own ? "" : path(linux);
    if (!own && namespace.isEmpty() && linux.uidMappings().isEmpty()) {
      throw Invalid.of(
          "mount on "
              + mount.destination()
              + ": option idmap needs uidMappings and gidMappings, or a user namespace");
    }
    return new IdMapped(
        index,
        mount.destination(),
        source,
        options.recursive(),
        options.mapsIdsBeneath(),
        namespace,
        own ? mount.uidMappings() : linux.uidMappings(),
        own ? mount.gidMappings() : linux.gidMappings());
  }

  private static String path(OciSpec.Linux linux) {
    return linux.namespaces().stream()
        .filter(n -> n.type().equals("user") && n.path() != null)
        .map(n -> String.valueOf(n.path()))
        .findFirst()
        .orElse("");
  }
}
