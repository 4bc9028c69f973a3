package dev.jctl.controller.probe;

/** One result of one check. */
public sealed interface ProbeResult {
  record Success() implements ProbeResult {}

  /** {@code message}: what was tried and what came of it. */
  record Failure(String message) implements ProbeResult {}
}
