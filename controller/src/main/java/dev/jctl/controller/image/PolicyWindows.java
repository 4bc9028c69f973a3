package dev.jctl.controller.image;

import dev.jctl.manifests.model.CronSchedule;
import dev.jctl.manifests.model.ImagePolicySpec;
import dev.jctl.manifests.schema.Durations;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** When another image may be taken. Pure. */
final class PolicyWindows {
  private PolicyWindows() {}

  /** Now, when one is open or there are none; else when the next one opens. */
  static Optional<Instant> opens(ImagePolicySpec policy, Instant now) {
    List<ImagePolicySpec.Window> windows =
        Objects.requireNonNullElse(policy.windows(), List.<ImagePolicySpec.Window>of());
    return windows.isEmpty()
        ? Optional.of(now)
        : windows.stream().flatMap(w -> opens(w, now).stream()).min(Instant::compareTo);
  }

  private static Optional<Instant> opens(ImagePolicySpec.Window window, Instant now) {
    ZoneId zone =
        window.timeZone() == null
            ? ZoneOffset.UTC
            : CronSchedule.zone(window.timeZone()).orElse(ZoneOffset.UTC);
    Duration open = Durations.parse(window.duration()).orElse(Duration.ZERO);
    ZonedDateTime earliest = now.minus(open).atZone(zone);
    return CronSchedule.parse(window.schedule())
        .flatMap(schedule -> schedule.next(earliest))
        .map(ZonedDateTime::toInstant)
        .map(opened -> opened.isBefore(now) ? now : opened);
  }
}
