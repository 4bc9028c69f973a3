package dev.jctl.shim.local;

import dev.jctl.shim.observe.SecurityModules;
import org.jspecify.annotations.Nullable;

/** Whether labels mean something on this machine; where they do not they are left out. */
enum SeLinux {
  IN_FORCE,
  ABSENT;

  static SeLinux ofHost() {
    return SecurityModules.inForce().contains("selinux") ? IN_FORCE : ABSENT;
  }

  @Nullable String resolve(@Nullable String label) {
    return this == IN_FORCE ? label : null;
  }
}
