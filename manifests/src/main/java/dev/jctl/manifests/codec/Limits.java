package dev.jctl.manifests.codec;

/** What a manifest may cost, so that a hostile one cannot exhaust memory or the stack. */
final class Limits {
  static final int MAX_CHARS = 1 << 20;
  static final int MAX_DEPTH = 100;

  /** Nodes that aliases stand for, counted once for each time they are named. */
  static final int MAX_ALIASED_NODES = 10_000;

  /** More errors than these help nobody. */
  static final int MAX_ERRORS = 100;

  private Limits() {}
}
