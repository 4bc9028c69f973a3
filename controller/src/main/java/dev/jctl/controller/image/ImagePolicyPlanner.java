package dev.jctl.controller.image;

import dev.jctl.controller.status.Times;
import dev.jctl.manifests.model.ImagePolicySpec;
import dev.jctl.manifests.model.ImageStatus.Followed;
import dev.jctl.manifests.model.ImageStatus.Rejected;
import dev.jctl.manifests.schema.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A policy, what the registry has and how those are that use the image → what it is. Pure. */
final class ImagePolicyPlanner {
  static final String PROGRESSING = "Progressing";
  static final String HEALTHY = "Healthy";
  static final String UNHEALTHY = "Unhealthy";
  static final String RETURNED = "Returned";
  static final Followed NOTHING = new Followed(null, null, null, null, null, null, null, null);

  private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  /** A registry that cannot be asked is asked again soon. */
  private static final Duration AFTER_PROBLEM = Duration.ofMinutes(1);

  private static final int MAX_REJECTED = 20;

  private ImagePolicyPlanner() {}

  /** When the registry is to be asked, at the latest. */
  static Instant due(ImagePolicySpec policy, Followed before) {
    Duration interval = duration(policy.interval());
    Duration wait =
        before.problem() != null && interval.compareTo(AFTER_PROBLEM) > 0
            ? AFTER_PROBLEM
            : interval;
    return Times.parse(before.checked()).map(at -> at.plus(wait)).orElse(Instant.EPOCH);
  }

  private static Duration duration(@Nullable String text) {
    return Optional.ofNullable(text).flatMap(Durations::parse).orElse(FIVE_MINUTES);
  }

  static Followed checked(Followed f, String latest, Instant now) {
    return new Followed(
        f.selected(),
        f.since(),
        f.result(),
        f.healthy(),
        latest,
        Times.text(now),
        null,
        f.rejected());
  }

  static Followed unchecked(Followed f, String problem, Instant now) {
    return new Followed(
        f.selected(),
        f.since(),
        f.result(),
        f.healthy(),
        f.latest(),
        Times.text(now),
        problem,
        f.rejected());
  }

  /** With what is to be taken now: the first at once, others when a window is open. */
  static Followed adopted(ImagePolicySpec policy, Followed f, Instant now) {
    String latest = f.latest();
    if (latest == null || isRejected(f, latest) || latest.equals(f.selected())) {
      return f;
    }
    boolean open = PolicyWindows.opens(policy, now).filter(at -> !at.isAfter(now)).isPresent();
    if (f.selected() != null && !open) {
      return f;
    }
    return with(f, latest, PROGRESSING, f.healthy(), now, f.rejected());
  }

  static boolean isRejected(Followed f, String reference) {
    return rejected(f).stream().anyMatch(r -> digest(r.reference()).equals(digest(reference)));
  }

  private static List<Rejected> rejected(Followed f) {
    return Objects.requireNonNullElse(f.rejected(), List.of());
  }

  static String digest(String reference) {
    return reference.substring(reference.indexOf('@') + 1);
  }

  /** Whether it is not known yet what the selected image is worth. */
  static boolean isOpen(Followed f) {
    return PROGRESSING.equals(f.result());
  }

  /** {@code problems}: of those that use it, in words. */
  static Followed judged(ImagePolicySpec policy, Followed f, List<String> problems, Instant now) {
    String selected = f.selected();
    if (selected == null || !isOpen(f)) {
      return f;
    }
    if (problems.isEmpty()) {
      return new Followed(
          selected,
          f.since(),
          HEALTHY,
          selected,
          f.latest(),
          f.checked(),
          f.problem(),
          f.rejected());
    }
    Instant late = Times.parse(f.since()).orElse(now).plus(duration(policy.healthTimeout()));
    return now.isBefore(late) ? f : givenUp(f, selected, String.join("; ", problems), now);
  }

  private static Followed givenUp(Followed f, String selected, String why, Instant now) {
    String healthy = f.healthy();
    if (healthy == null) {
      return with(f, selected, UNHEALTHY, null, now, f.rejected());
    }
    List<Rejected> all = new ArrayList<>(List.of(new Rejected(selected, Times.text(now), why)));
    all.addAll(rejected(f));
    return with(
        f, healthy, RETURNED, healthy, now, all.subList(0, Math.min(all.size(), MAX_REJECTED)));
  }

  private static Followed with(
      Followed f,
      String selected,
      String result,
      @Nullable String healthy,
      Instant now,
      @Nullable List<Rejected> rejected) {
    return new Followed(
        selected, Times.text(now), result, healthy, f.latest(), f.checked(), f.problem(), rejected);
  }

  /** How long nothing will change by itself. */
  static Duration patience(ImagePolicySpec policy, Followed f, Instant now) {
    if (isOpen(f)) {
      return LOOK_AGAIN;
    }
    Instant next = due(policy, f);
    boolean waits =
        f.latest() != null && !f.latest().equals(f.selected()) && !isRejected(f, f.latest());
    Optional<Instant> opens = waits ? PolicyWindows.opens(policy, now) : Optional.empty();
    Instant at = opens.filter(next::isAfter).orElse(next);
    Duration left = Duration.between(now, at);
    return left.compareTo(LOOK_AGAIN) < 0 ? LOOK_AGAIN : left;
  }
}
