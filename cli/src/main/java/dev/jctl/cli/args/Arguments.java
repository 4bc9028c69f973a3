package dev.jctl.cli.args;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A command line taken apart.
 *
 * @param operands words that are no options
 * @param rest the words after {@code --}
 * @param values by {@link Option#name}: hashing an option would have the JVM generate code for it
 */
public record Arguments(
    List<String> operands, List<String> rest, Map<String, List<String>> values) {
  public Arguments {
    operands = List.copyOf(operands);
    rest = List.copyOf(rest);
    values = Map.copyOf(values);
  }

  /** Options may stand before, between and after the operands, as GNU getopt has it. */
  public static Arguments parse(List<String> words, List<Option> options) {
    return new Parser(options).parse(words);
  }

  public boolean has(Option option) {
    return values.containsKey(option.name());
  }

  /** Of a flag: the last one typed counts. */
  public boolean is(Option flag) {
    return is(flag, false);
  }

  public boolean is(Option flag, boolean unlessGiven) {
    return value(flag).map(Arguments::bool).orElse(unlessGiven);
  }

  /** The last one given. */
  public Optional<String> value(Option option) {
    return Optional.ofNullable(values.get(option.name())).map(List::getLast);
  }

  public List<String> all(Option option) {
    return values.getOrDefault(option.name(), List.of());
  }

  private static boolean bool(String text) {
    return switch (text) {
      case "", "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw new UsageException("\"" + text + "\" is neither true nor false");
    };
  }

  private static final class Parser {
    private final Map<String, Option> byName = new HashMap<>();
    private final List<String> operands = new ArrayList<>();
    private final Map<String, List<String>> values = new HashMap<>();

    Parser(List<Option> options) {
      options.forEach(o -> o.names().forEach(n -> byName.put(n, o)));
    }

    Arguments parse(List<String> words) {
      int i = 0;
      while (i < words.size() && !words.get(i).equals("--")) {
        i = take(words, i);
      }
      List<String> rest = i < words.size() ? words.subList(i + 1, words.size()) : List.of();
      return new Arguments(operands, rest, values);
    }

    /** Returns the index of the next word to look at. */
    private int take(List<String> words, int i) {
      String word = words.get(i);
      if (word.startsWith("--")) {
        return takeLong(word, words, i);
      }
      if (word.startsWith("-") && word.length() > 1) {
        return takeShorts(word, words, i);
      }
      operands.add(word);
      return i + 1;
    }

    private int takeLong(String word, List<String> words, int i) {
      int equals = word.indexOf('=');
      Option option = known(equals < 0 ? word : word.substring(0, equals));
      if (equals >= 0) {
        put(option, word.substring(equals + 1));
        return i + 1;
      }
      return takeValue(option, word, words, i);
    }

    /** {@code -it}, {@code -n prod}, {@code -nprod}, {@code -n=prod}. */
    private int takeShorts(String word, List<String> words, int i) {
      for (int at = 1; at < word.length(); at++) {
        Option option = known("-" + word.charAt(at));
        String rest = word.substring(at + 1);
        if (option.takes() != Option.Takes.FLAG && !rest.isEmpty()) {
          put(option, rest.startsWith("=") ? rest.substring(1) : rest);
          return i + 1;
        }
        if (rest.startsWith("=")) {
          put(option, rest.substring(1));
          return i + 1;
        }
        if (rest.isEmpty()) {
          return takeValue(option, word, words, i);
        }
        put(option, "");
      }
      return i + 1;
    }

    private int takeValue(Option option, String word, List<String> words, int i) {
      if (option.takes() != Option.Takes.VALUE) {
        put(option, "");
        return i + 1;
      }
      if (i + 1 == words.size()) {
        throw new UsageException("flag needs an argument: " + word);
      }
      put(option, words.get(i + 1));
      return i + 2;
    }

    private Option known(String name) {
      Option option = byName.get(name);
      if (option == null) {
        throw new UsageException(
            name.startsWith("--") ? "unknown flag: " + name : "unknown shorthand flag: " + name);
      }
      return option;
    }

    private void put(Option option, String value) {
      values.computeIfAbsent(option.name(), n -> new ArrayList<>()).add(value);
    }
  }
}
