package dev.jctl.cli.args;

import java.util.List;

/**
 * @param names with dashes, the long one first: {@code --namespace}, {@code -n}
 * @param value what its value is called in the help; empty for a flag
 */
public record Option(List<String> names, Takes takes, String value, String help) {
  public Option {
    names = List.copyOf(names);
  }

  public enum Takes {
    /** {@code --wait}, {@code --wait=false}. */
    FLAG,
    /** {@code --output yaml}, {@code --output=yaml}, {@code -oyaml}. */
    VALUE,
    /** {@code --dry-run}, {@code --dry-run=server}. */
    OPTIONAL_VALUE
  }

  public static Option flag(String help, String... names) {
    return new Option(List.of(names), Takes.FLAG, "", help);
  }

  public static Option value(String value, String help, String... names) {
    return new Option(List.of(names), Takes.VALUE, value, help);
  }

  public static Option optionalValue(String value, String help, String... names) {
    return new Option(List.of(names), Takes.OPTIONAL_VALUE, value, help);
  }

  public String name() {
    return names.get(0);
  }

  /** {@code -n, --namespace=NAME}. */
  public String usage() {
    String shorts =
        String.join(
            "", names.stream().filter(n -> !n.startsWith("--")).map(n -> n + ", ").toList());
    String longs = String.join(", ", names.stream().filter(n -> n.startsWith("--")).toList());
    return switch (takes) {
      case FLAG -> shorts + longs;
      case VALUE -> shorts + longs + "=" + value;
      case OPTIONAL_VALUE -> shorts + longs + "[=" + value + "]";
    };
  }
}
