package dev.jctl.manifests.codec;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.databind.node.ValueNode;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a scalar without quotes means, as kubectl reads it (go-yaml v2 {@code resolve.go}, then
 * JSON): {@code yes}, {@code on}, {@code y} are booleans, {@code 0644} is octal, {@code 1e3} is
 * 1000, while {@code 12:30} and {@code 2026-01-31} are texts.
 */
final class PlainScalars {
  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
  private static final Set<String> TRUES =
      Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
  private static final Set<String> FALSES =
      Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");
  private static final Set<String> NOT_FINITE =
      Set.of(
          ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
          "-.Inf", "-.INF");

  private static final Pattern INTEGER =
      Pattern.compile("[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)");
  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(?:\\.[0-9]+|[0-9]+(?:\\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?");

  /**
   * Beyond these a double does not hold every integer; JSON of Go writes no exponent below 1e21.
   */
  private static final double EXACT = 1L << 53;

  private PlainScalars() {}

  /** Whether it is a number that JSON has not: infinite, or not a number. */
  static boolean isNotFinite(String text) {
    return NOT_FINITE.contains(text);
  }

  static ValueNode resolve(String text) {
    if (NULLS.contains(text)) {
      return NullNode.getInstance();
    }
    if (TRUES.contains(text)) {
      return BooleanNode.TRUE;
    }
    if (FALSES.contains(text)) {
      return BooleanNode.FALSE;
    }
    return number(text).orElseGet(() -> TextNode.valueOf(text));
  }

  private static Optional<ValueNode> number(String text) {
    if (!startsAsNumber(text)) {
      return Optional.empty();
    }
    String digits = text.replace("_", "");
    if (INTEGER.matcher(digits).matches()) {
      Optional<ValueNode> integer = integer(digits);
      if (integer.isPresent()) {
        return integer;
      }
    }
    return FLOAT.matcher(digits).matches() ? decimal(Double.parseDouble(digits)) : Optional.empty();
  }

  private static boolean startsAsNumber(String text) {
    char c = text.charAt(0);
    return c == '-' || c == '+' || c == '.' || (c >= '0' && c <= '9');
  }

  /** Empty beyond 64 bits. */
  private static Optional<ValueNode> integer(String text) {
    boolean signed = text.charAt(0) == '-' || text.charAt(0) == '+';
    String sign = text.charAt(0) == '-' ? "-" : "";
    String digits = signed ? text.substring(1) : text;
    int radix = radix(digits);
    String bare = radix == 10 ? digits : digits.replaceFirst("0[xXbBoO]?", "");
    try {
      return Optional.of(integer(Long.parseLong(sign + bare, radix)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static int radix(String digits) {
    if (digits.length() == 1 || digits.charAt(0) != '0') {
      return 10;
    }
    return switch (digits.charAt(1)) {
      case 'x', 'X' -> 16;
      case 'b', 'B' -> 2;
      default -> 8;
    };
  }

  /** As Jackson does it: an int where one is enough. */
  private static ValueNode integer(long value) {
    return value == (int) value ? IntNode.valueOf((int) value) : LongNode.valueOf(value);
  }

  /** An integer when it has no fraction. Empty when not finite, which go-yaml takes for a text. */
  static Optional<ValueNode> decimal(double value) {
    if (!Double.isFinite(value)) {
      return Optional.empty();
    }
    boolean integral = value == Math.rint(value) && Math.abs(value) <= EXACT;
    return Optional.of(integral ? integer((long) value) : DoubleNode.valueOf(value));
  }
}
