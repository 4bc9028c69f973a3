package dev.jctl.shim;

import dev.jctl.shim.spec.Observed;

/** "Look again" at something. */
public sealed interface RuntimeEvent {
  /**
   * A container's process started, exited or was killed for memory: {@code state} is since then.
   */
  record ContainerChanged(String sandboxId, String containerId, Observed.State state)
      implements RuntimeEvent {}

  /** An interface, address or mount of a sandbox changed behind our back. */
  record SandboxChanged(String sandboxId) implements RuntimeEvent {}

  /** What a volume is mounted from was unmounted behind our back. */
  record VolumeChanged(String volumeId) implements RuntimeEvent {}

  /** A bridge or our nftables tables changed behind our back. */
  record NetworksChanged() implements RuntimeEvent {}

  /** Events may have been missed: look at everything. */
  record Resync() implements RuntimeEvent {}
}
