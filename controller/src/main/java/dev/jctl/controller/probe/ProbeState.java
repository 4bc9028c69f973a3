package dev.jctl.controller.probe;

/**
 * What a probe's results add up to. Pure; {@link #after} gives the next state.
 *
 * @param passing the verdict: it changes only after a threshold of equal results
 * @param streak failures in a row; below zero: successes in a row that are not yet enough
 * @param message of the last failure
 */
public record ProbeState(boolean passing, int streak, String message) {
  /** A readiness or startup probe has not passed before it passes; liveness is assumed. */
  public static ProbeState initial(ProbeSpec.Kind kind) {
    return new ProbeState(kind == ProbeSpec.Kind.LIVENESS, 0, "");
  }

  /** Whether a container that never passed has used up its failures. */
  public boolean exhausted(ProbeSpec spec) {
    return !passing && streak >= spec.failureThreshold();
  }

  public ProbeState after(ProbeSpec spec, ProbeResult result) {
    return switch (result) {
      case ProbeResult.Success success -> succeeded(spec);
      case ProbeResult.Failure failure -> failed(spec, failure.message());
    };
  }

  private ProbeState succeeded(ProbeSpec spec) {
    if (passing) {
      return new ProbeState(true, 0, "");
    }
    int successes = Math.max(0, -streak) + 1;
    return successes >= spec.successThreshold()
        ? new ProbeState(true, 0, "")
        : new ProbeState(false, -successes, message);
  }

  private ProbeState failed(ProbeSpec spec, String why) {
    int failures = Math.max(0, streak) + 1;
    if (!passing) {
      return new ProbeState(false, Math.min(failures, spec.failureThreshold()), why);
    }
    return failures >= spec.failureThreshold()
        ? new ProbeState(false, failures, why)
        : new ProbeState(true, failures, why);
  }
}
