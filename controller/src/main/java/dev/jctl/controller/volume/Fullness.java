package dev.jctl.controller.volume;

import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.shim.spec.Observed.VolumeUsage;
import dev.jctl.shim.spec.Observed.VolumeUsage.Limit;

/** How full a volume is, as a condition. Pure. */
record Fullness(VolumeUsage usage) {
  static final String CONDITION = "Capacity";
  private static final long NEARLY_FULL = 80;
  private static final long FULL = 100;

  /** A file system is full a little before all of it is in use. */
  private static final long FULL_FILE_SYSTEM = 99;

  private static final long KIB = 1024;

  Seen seen() {
    return new Seen(CONDITION, percent() < NEARLY_FULL, reason(), message());
  }

  /** The kernel knows it, and no files have to be looked at. */
  boolean isCounted() {
    return usage.limit() == Limit.QUOTA || usage.limit() == Limit.FILE_SYSTEM;
  }

  boolean isWarning() {
    return percent() >= NEARLY_FULL;
  }

  String reason() {
    long full = usage.limit() == Limit.FILE_SYSTEM ? FULL_FILE_SYSTEM : FULL;
    return percent() >= full ? "Full" : percent() >= NEARLY_FULL ? "NearlyFull" : "BelowLimit";
  }

  /** In whole percents, so that it does not change with every file. */
  String message() {
    return percent() + " % of " + kib(usage.limitBytes()) + " are used; " + keeper();
  }

  private String keeper() {
    return switch (usage.limit()) {
      case QUOTA -> "more is refused by a project quota";
      case FILE_SYSTEM -> "more is refused by its file system";
      case PLUGIN -> "it is for its plug-in to refuse more";
      case MEASURED ->
          "it is only measured, and can be exceeded: the file system of the data directory has no"
              + " project quotas; driver disk has a limit everywhere";
    };
  }

  /** Rounded up to a hundredth of the limit. */
  String used() {
    long step = Math.max(1, usage.limitBytes() / 100);
    return kib((usage.usedBytes() + step - 1) / step * step);
  }

  private long percent() {
    return usage.limitBytes() == 0 ? 0 : usage.usedBytes() * 100 / usage.limitBytes();
  }

  static String kib(long bytes) {
    long kib = (bytes + KIB - 1) / KIB;
    return kib >= 10 * KIB ? kib / KIB + "Mi" : kib + "Ki";
  }
}
