package dev.jctl.shim.plan;

import dev.jctl.shim.spec.OciSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The options of a mount, taken apart.
 *
 * @param flags MS_ flags of a fresh file system, mount(2)
 * @param attributes MOUNT_ATTR_ flags to set on a bind, mount_setattr(2)
 * @param cleared those to clear
 * @param everywhere attributes hold for mounts beneath as well ({@code rro} …)
 * @param bind it shows a part of another tree
 * @param recursive with the mounts beneath
 * @param propagation its MS_ flag; 0: private, as all that is mounted
 * @param propagatesBeneath that holds for mounts beneath as well
 * @param copiesUp a tmpfs begins with what was there before
 * @param mapsIds files are shown as of other users
 * @param mapsIdsBeneath also those of mounts beneath
 * @param data the file system's own options
 */
record MountOptions(
    long flags,
    long attributes,
    long cleared,
    boolean everywhere,
    boolean bind,
    boolean recursive,
    long propagation,
    boolean propagatesBeneath,
    boolean copiesUp,
    boolean mapsIds,
    boolean mapsIdsBeneath,
    String data) {
  static final long PRIVATE = 1L << 18;
  static final long SLAVE = 1L << 19;

  /** A flag of both calls; {@code mask} are the attributes that exclude each other. */
  private record Flag(long mount, long attribute, long mask) {}

  static final long RDONLY = 1;
  private static final long ATIME = 0x70;

  private static final Map<String, Flag> SET =
      Map.ofEntries(
          Map.entry("ro", new Flag(1, RDONLY, 0)),
          Map.entry("nosuid", new Flag(2, 2, 0)),
          Map.entry("nodev", new Flag(4, 4, 0)),
          Map.entry("noexec", new Flag(8, 8, 0)),
          Map.entry("sync", new Flag(16, 0, 0)),
          Map.entry("dirsync", new Flag(128, 0, 0)),
          Map.entry("nosymfollow", new Flag(256, 0x200000, 0)),
          Map.entry("noatime", new Flag(1 << 10, 0x10, ATIME)),
          Map.entry("nodiratime", new Flag(1 << 11, 0x80, 0)),
          Map.entry("relatime", new Flag(1 << 21, 0, ATIME)),
          Map.entry("strictatime", new Flag(1 << 24, 0x20, ATIME)),
          Map.entry("lazytime", new Flag(1 << 25, 0, 0)));

  private static final Map<String, Flag> CLEAR =
      Map.of(
          "rw", new Flag(1, RDONLY, 0),
          "suid", new Flag(2, 2, 0),
          "dev", new Flag(4, 4, 0),
          "exec", new Flag(8, 8, 0),
          "async", new Flag(16, 0, 0),
          "diratime", new Flag(1 << 11, 0x80, 0),
          "symfollow", new Flag(256, 0x200000, 0));

  private static final Set<String> PLAIN = Set.of("defaults", "atime", "norelatime");

  /** MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED. */
  private static final Map<String, Long> PROPAGATIONS =
      Map.of("unbindable", 1L << 17, "private", 1L << 18, "slave", 1L << 19, "shared", 1L << 20);

  private static final String COPY_UP = "tmpcopyup";
  private static final Set<String> ID_MAPS = Set.of("idmap", "ridmap");

  /** All that are not the file system's own. */
  static List<String> names() {
    TreeSet<String> names = new TreeSet<>(SET.keySet());
    names.addAll(CLEAR.keySet());
    for (String flag : List.copyOf(names)) {
      names.add("r" + flag);
    }
    names.addAll(PLAIN);
    names.addAll(propagations());
    names.addAll(List.of("bind", "rbind", COPY_UP));
    names.addAll(ID_MAPS);
    return List.copyOf(names);
  }

  static List<String> propagations() {
    return PROPAGATIONS.keySet().stream().flatMap(p -> Stream.of(p, "r" + p)).sorted().toList();
  }

  /**
   * The MS_ flag of a propagation, which may have an {@code r} before it: with the mounts beneath.
   */
  static Optional<Long> propagation(String word) {
    Long flag = PROPAGATIONS.get(word);
    return Optional.ofNullable(
        flag == null && word.startsWith("r") ? PROPAGATIONS.get(word.substring(1)) : flag);
  }

  /** Whether it is to hear of the host's later mounts, without taking all else apart. */
  static boolean isSlave(OciSpec.Mount mount) {
    return mount.options().contains("slave") || mount.options().contains("rslave");
  }

  static MountOptions parse(OciSpec.Mount mount) {
    Parser parser = new Parser();
    parser.bind = "bind".equals(mount.type());
    parser.mapsIds = !mount.uidMappings().isEmpty() || !mount.gidMappings().isEmpty();
    mount.options().forEach(parser::accept);
    return parser.options();
  }

  private static final class Parser {
    private long flags;
    private long attributes;
    private long cleared;
    private boolean everywhere;
    private boolean bind;
    private boolean recursive;
    private long propagation;
    private boolean propagatesBeneath;
    private boolean copiesUp;
    private boolean mapsIds;
    private boolean mapsIdsBeneath;
    private final List<String> data = new ArrayList<>();

    void accept(String option) {
      if (flag(option)) { // most are
        return;
      }
      if (option.equals(COPY_UP)) {
        copiesUp = true;
      } else if (ID_MAPS.contains(option)) {
        mapsIds = true;
        mapsIdsBeneath |= option.equals("ridmap");
      } else if (option.equals("bind") || option.equals("rbind")) {
        bind = true;
        recursive |= option.equals("rbind");
      } else if (!propagation(option) && !everywhere(option) && !PLAIN.contains(option)) {
        data.add(option);
      }
    }

    private boolean propagation(String option) {
      Optional<Long> known = MountOptions.propagation(option);
      known.ifPresent(
          flag -> {
            propagation = flag;
            propagatesBeneath = option.length() > 1 && !PROPAGATIONS.containsKey(option);
          });
      return known.isPresent();
    }

    private boolean everywhere(String option) {
      boolean known = option.startsWith("r") && flag(option.substring(1));
      everywhere |= known;
      return known;
    }

    private boolean flag(String option) {
      Flag set = SET.get(option);
      Flag clear = CLEAR.get(option);
      if (set != null) {
        flags |= set.mount;
        attributes = (attributes & ~set.mask) | set.attribute;
        cleared = (cleared & ~set.attribute) | set.mask;
      } else if (clear != null) {
        flags &= ~clear.mount;
        attributes &= ~clear.attribute;
        cleared |= clear.attribute;
      }
      return set != null || clear != null;
    }

    MountOptions options() {
      return new MountOptions(
          flags,
          attributes,
          cleared,
          everywhere,
          bind,
          recursive,
          propagation,
          propagatesBeneath,
          copiesUp,
          mapsIds,
          mapsIdsBeneath,
          String.join(",", data));
    }
  }
}
