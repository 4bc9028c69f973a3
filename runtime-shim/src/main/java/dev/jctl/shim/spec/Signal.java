package dev.jctl.shim.spec;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/** Names of signals; signal(7), x86-64 and aarch64. */
public final class Signal {
  private static final int REAL_TIME_MIN = 34;
  private static final int MAX = 64;

  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

  private Signal() {}

  /** Of {@code SIGTERM}, {@code TERM}, {@code 15}, {@code SIGRTMIN+3}; empty when it is none. */
  public static OptionalInt number(String text) {
    String name = text.strip().toUpperCase(Locale.ROOT);
    if (name.startsWith("SIG")) {
      name = name.substring(3);
    }
    int number = name.startsWith("RTM") ? realTime(name) : plain(name);
    return number < 1 || number > MAX ? OptionalInt.empty() : OptionalInt.of(number);
  }

  private static int plain(String name) {
    int index = NAMES.indexOf(name);
    return index >= 0 ? index + 1 : decimal(name);
  }

  private static int realTime(String name) {
    int base = name.startsWith("RTMIN") ? REAL_TIME_MIN : MAX;
    String offset = name.substring(Math.min(name.length(), 5));
    return offset.isEmpty() ? base : base + decimal(offset);
  }

  private static int decimal(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return Integer.MIN_VALUE / 2; // no sum with it is a signal
    }
  }
}
