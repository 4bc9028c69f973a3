package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import java.util.List;

/** signal(7), x86-64 and aarch64. */
final class Signals {
  static final int SIGKILL = 9;
  private static final int SIGRTMIN = 34;
  private static final int SIGRTMAX = 64;

  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

  private Signals() {}

  /** From {@code SIGTERM}, {@code TERM}, {@code 15}, {@code SIGRTMIN+3}; empty is SIGTERM. */
  static int parse(String text) {
    String name = text.strip().toUpperCase(java.util.Locale.ROOT);
    if (name.isEmpty()) {
      return parse("TERM");
    }
    if (name.startsWith("SIG")) {
      name = name.substring(3);
    }
    int number = name.startsWith("RTM") ? realTime(name) : plain(name);
    if (number < 1 || number > SIGRTMAX) {
      throw new RuntimeFailure(Reason.INVALID, "not a signal: \"" + text + "\"");
    }
    return number;
  }

  private static int plain(String name) {
    int index = NAMES.indexOf(name);
    return index >= 0 ? index + 1 : number(name);
  }

  private static int realTime(String name) {
    int base = name.startsWith("RTMIN") ? SIGRTMIN : SIGRTMAX;
    String offset = name.substring(5);
    return offset.isEmpty() ? base : base + number(offset);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return Integer.MIN_VALUE / 2; // no sum with it is a signal
    }
  }
}
