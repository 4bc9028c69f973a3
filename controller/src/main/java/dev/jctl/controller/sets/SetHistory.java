package dev.jctl.controller.sets;

import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.sets.SetApply.Bad;
import dev.jctl.controller.sets.SetApply.Origin;
import dev.jctl.manifests.model.ManifestSetSpec;
import dev.jctl.manifests.model.ManifestSetStatus;
import dev.jctl.manifests.model.ManifestSetStatus.Revision;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** The revisions of a set that can be gone back to: what each apply adds, and what is forgotten. */
public final class SetHistory {
  public static final String PENDING = "Pending";
  public static final String HEALTHY = "Healthy";
  public static final String UNHEALTHY = "Unhealthy";
  public static final String ROLLED_BACK = "RolledBack";
  private static final String SUPERSEDED = "Superseded";

  /** Bytes that the manifests of all kept revisions of a set take. */
  private static final long MAX_SIZE = 4L << 20;

  private static final int LIMIT = 10;

  private SetHistory() {}

  static List<Revision> of(Optional<ManifestSetStatus> status) {
    return status
        .map(ManifestSetStatus::history)
        .map(h -> Objects.requireNonNullElse(h, List.<Revision>of()))
        .orElse(List.of());
  }

  /** The newest revision. */
  public static Optional<Revision> current(ManifestSetStatus status) {
    return of(Optional.of(status)).stream()
        .filter(r -> r.revision().equals(status.revision()))
        .findFirst();
  }

  static OptionalLong newest(List<Revision> history) {
    return history.stream().mapToLong(Revision::revision).max();
  }

  /**
   * @throws ApiException for manifests that were taken back before
   */
  static void refuseBad(ObjectRef set, List<Revision> history, String digest, Bad bad) {
    if (bad == Bad.TRIED_AGAIN) {
      return;
    }
    history.stream()
        .filter(r -> r.digest().equals(digest) && r.result().equals(ROLLED_BACK))
        .findFirst()
        .ifPresent(
            r -> {
              throw new ApiException(
                  ApiException.Reason.CONFLICT,
                  set
                      + ": revision "
                      + r.revision()
                      + " had the same manifests and was taken back: "
                      + r.message()
                      + "; change them, or apply with retry=true (jctl apply --retry)",
                  set,
                  List.of());
            });
  }

  /** With {@code added} first, bounded by number and size; what is healthy last is kept. */
  static List<Revision> with(
      List<Revision> before, Revision added, Origin origin, ManifestSetSpec spec, long healthy) {
    int limit = spec.revisionHistoryLimit() == null ? LIMIT : spec.revisionHistoryLimit();
    List<Revision> kept = new ArrayList<>(List.of(added));
    long size = added.size();
    for (Revision old : before) {
      size += old.size();
      boolean fits = kept.size() < limit && size <= MAX_SIZE;
      if (fits || old.revision() == healthy) {
        kept.add(after(old, origin));
      }
    }
    return kept;
  }

  private static Revision after(Revision old, Origin origin) {
    if (origin instanceof Origin.Unhealthy u && old.revision() == u.from()) {
      return concluded(old, ROLLED_BACK, u.why());
    }
    return old.result().equals(PENDING) ? concluded(old, SUPERSEDED, null) : old;
  }

  /** {@code message}: null when there is nothing to be said. */
  public static Revision concluded(
      Revision revision, String result, @org.jspecify.annotations.Nullable String message) {
    return new Revision(
        revision.revision(),
        revision.time(),
        revision.manager(),
        revision.digest(),
        revision.objects(),
        revision.size(),
        revision.cause(),
        result,
        message);
  }

  static Optional<String> cause(Origin origin) {
    return switch (origin) {
      case Origin.Manifests m -> Optional.empty();
      case Origin.Followed f -> Optional.of(f.cause());
      case Origin.Chosen c -> Optional.of("rollback to " + c.to());
      case Origin.Unhealthy u -> Optional.of("revision " + u.from() + " was not healthy");
    };
  }
}
