package dev.jctl.images.oci;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Which of several images is the one for this machine. */
public final class PlatformChoice {
  private PlatformChoice() {}

  /**
   * The first that says it runs here, baselines before variants; a single one that says nothing is
   * taken at its word later, by its configuration.
   *
   * @param subject for messages: what the choice is from
   * @throws ImageException PLATFORM_MISMATCH, listing what there is
   */
  public static Descriptor choose(String subject, List<Descriptor> offered, Platform host) {
    List<Descriptor> fitting =
        offered.stream().filter(d -> d.platform().isSaid() && d.platform().runsOn(host)).toList();
    if (!fitting.isEmpty()) {
      return fitting.stream()
          .min(Comparator.comparingInt(d -> d.platform().isBaseline() ? 0 : 1))
          .orElseThrow();
    }
    if (offered.size() == 1 && !offered.getFirst().platform().isSaid()) {
      return offered.getFirst();
    }
    throw mismatch(
        subject,
        offered.stream()
            .map(d -> d.platform().toString())
            .filter(p -> !p.equals("unknown/unknown"))
            .distinct()
            .sorted()
            .collect(Collectors.joining(", ")),
        host);
  }

  /** Checks what an image's own configuration says. */
  public static void check(String subject, Platform image, Platform host) {
    if (!image.runsOn(host)) {
      throw mismatch(subject, image.toString(), host);
    }
  }

  private static ImageException mismatch(String subject, String offered, Platform host) {
    return new ImageException(
        Reason.PLATFORM_MISMATCH,
        "%s is for %s; this machine is %s"
            .formatted(subject, offered.isEmpty() ? "no known platform" : offered, host));
  }
}
