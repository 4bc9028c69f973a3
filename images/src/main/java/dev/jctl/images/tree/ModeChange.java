package dev.jctl.images.tree;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is said of modes as with chmod(1): a number, or changes in symbols such as {@code
 * u=rwX,go-w}. No umask counts.
 */
@FunctionalInterface
interface ModeChange {
  Pattern OCTAL = Pattern.compile("[0-7]{3,5}");
  Pattern CLAUSE = Pattern.compile("([ugoa]*)((?:[-+=][rwxXst]*)+)");
  Pattern ACTION = Pattern.compile("([-+=])([rwxXst]*)");
  int PERMISSIONS = 07777;
  int ANY_EXECUTE = 0111;

  int applied(int mode, boolean directory);

  /**
   * @throws IllegalArgumentException when it is neither
   */
  static ModeChange parse(String text) {
    if (OCTAL.matcher(text).matches()) {
      int mode = Integer.parseInt(text, 8) & PERMISSIONS;
      return (before, directory) -> mode;
    }
    ModeChange all = (mode, directory) -> mode;
    for (String clause : List.of(text.split(",", -1))) {
      Matcher matcher = CLAUSE.matcher(clause);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "--chmod is as chmod(1) takes it, such as 0755 or u=rwX,go=rX, not " + text);
      }
      int who = who(matcher.group(1));
      for (MatchResult action : ACTION.matcher(matcher.group(2)).results().toList()) {
        all = all.then(action(who, action.group(1), action.group(2)));
      }
    }
    return all;
  }

  private ModeChange then(ModeChange next) {
    return (mode, directory) -> next.applied(applied(mode, directory), directory);
  }

  /** Bits that it is about. */
  private static int who(String letters) {
    if (letters.isEmpty() || letters.contains("a")) {
      return PERMISSIONS;
    }
    return (letters.contains("u") ? 04700 : 0)
        | (letters.contains("g") ? 02070 : 0)
        | (letters.contains("o") ? 01007 : 0);
  }

  private static ModeChange action(int who, String operator, String permissions) {
    return (mode, directory) -> {
      int bits =
          permissions
              .chars()
              .map(letter -> who & bits((char) letter, mode, directory))
              .reduce(0, (some, more) -> some | more);
      return switch (operator) {
        case "+" -> mode | bits;
        case "-" -> mode & ~bits;
        default -> (mode & ~who) | bits;
      };
    };
  }

  private static int bits(char permission, int mode, boolean directory) {
    return switch (permission) {
      case 'r' -> 0444;
      case 'w' -> 0222;
      case 'x' -> ANY_EXECUTE;
      case 'X' -> directory || (mode & ANY_EXECUTE) != 0 ? ANY_EXECUTE : 0;
      case 's' -> 06000;
      default -> 01000;
    };
  }
}
