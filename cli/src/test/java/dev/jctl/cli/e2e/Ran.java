package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** What became of a command: its exit code, or 124 when it was killed because it took too long. */
record Ran(List<String> command, int code, String out, String err) {
  static final int TIMED_OUT = 124;

  Ran ok() {
    return exits(0);
  }

  Ran exits(int expected) {
    assertThat(code).as("exit code of %s", this).isEqualTo(expected);
    return this;
  }

  List<String> lines() {
    return out.lines().toList();
  }

  @Override
  public String toString() {
    return String.join(" ", command) + "\nexit code " + code + "\n" + out + err;
  }
}
