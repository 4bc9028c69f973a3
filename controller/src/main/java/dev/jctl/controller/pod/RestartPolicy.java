package dev.jctl.controller.pod;

import org.jspecify.annotations.Nullable;

/** When a container that ended is started again. */
enum RestartPolicy {
  ALWAYS,
  ON_FAILURE,
  NEVER;

  static RestartPolicy of(@Nullable String text) {
    return switch (text == null ? "" : text) {
      case "Never" -> NEVER;
      case "OnFailure" -> ON_FAILURE;
      default -> ALWAYS;
    };
  }

  /** Those of a Pod with this policy. */
  RestartPolicy ofInitContainers() {
    return this == ALWAYS ? ON_FAILURE : this;
  }

  boolean restartsAfter(int exitCode) {
    return this == ALWAYS || (this == ON_FAILURE && exitCode != 0);
  }
}
