package dev.jctl.cli;

/** What a command's exit says; documented in {@code docs/cli.md}. */
final class ExitCode {
  static final int OK = 0;

  /** The request failed, or {@code diff} found differences. */
  static final int FAILED = 1;

  /** What was typed makes no command; {@code diff} could not compare. */
  static final int USAGE = 2;

  /** A manifest is wrong; nothing was changed. */
  static final int BAD_MANIFEST = 3;

  /** No controller answers. */
  static final int UNREACHABLE = 4;

  /** What was waited for did not happen in time. */
  static final int TIMED_OUT = 5;

  /** Nothing was done: {@code bin/jctl} builds, then runs the command again. */
  static final int OUTDATED = 75;

  private ExitCode() {}
}
