package dev.jctl.shim.network;

import dev.jctl.shim.spec.Observed;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was seen of sandboxes' interfaces, until the kernel tells of a change: each look is five
 * questions to it. For one thread at a time.
 */
final class SeenAttachments {
  /**
   * Lost notifications are told, too; should one not come all the same, a look that is repeated is
   * not fooled for longer.
   */
  private static final Duration LIFETIME = Duration.ofMinutes(10);

  private record Seen(List<Observed.Attachment> attachments, long atNanos) {}

  private final Map<String, Seen> bySandbox = new HashMap<>();

  Optional<List<Observed.Attachment>> of(String sandboxId) {
    return Optional.ofNullable(bySandbox.get(sandboxId))
        .filter(seen -> System.nanoTime() - seen.atNanos() < LIFETIME.toNanos())
        .map(Seen::attachments);
  }

  void put(String sandboxId, List<Observed.Attachment> attachments) {
    bySandbox.put(sandboxId, new Seen(List.copyOf(attachments), System.nanoTime()));
  }

  void forget(String sandboxId) {
    bySandbox.remove(sandboxId);
  }

  void forgetAll() {
    bySandbox.clear();
  }
}
