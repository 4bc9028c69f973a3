package dev.jctl.manifests.schema;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * Syntax of names. Lengths are looked at first, which also bounds the stack that a pattern takes.
 */
public final class Names {
  static final String LABEL = "1 to 63 of a-z, 0-9 and -, with a letter or digit at both ends";
  static final String SUBDOMAIN =
      "1 to 253 of a-z, 0-9, - and ., with a letter or digit at both ends of each part";
  static final String PATH_SEGMENT = "a name without / and %, that is neither . nor ..";
  static final String REFERENCE =
      "an image reference such as nginx:1.27 or registry.example/app@sha256:…";
  static final String SIGNAL = "a signal such as SIGTERM or a number from 1 to 64";

  private static final Pattern LABEL_SYNTAX = Pattern.compile("[a-z0-9](?:[-a-z0-9]*[a-z0-9])?");
  private static final Pattern QUALIFIED =
      Pattern.compile("[A-Za-z0-9](?:[-_.A-Za-z0-9]*[A-Za-z0-9])?");
  private static final Pattern ENV = Pattern.compile("[\\x20-\\x3C\\x3E-\\x7E]{1,1024}");
  private static final Pattern PORT = Pattern.compile("(?=.*[a-z])[a-z0-9](?:-?[a-z0-9])*");
  private static final String PART = "[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*";
  private static final Pattern REFERENCE_SYNTAX =
      Pattern.compile(
          "(?:(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:]+\\])(?::[0-9]{1,5})?/)?"
              + PART
              + "(?:/"
              + PART
              + ")*(?::[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,128})?");
  private static final Set<String> SIGNALS =
      Set.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "IOT", "BUS", "FPE", "KILL", "USR1", "SEGV",
          "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU",
          "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "POLL", "PWR", "SYS");
  private static final Pattern REAL_TIME =
      Pattern.compile("RTM(?:IN(?:\\+[0-9]{1,2})?|AX(?:-[0-9]{1,2})?)");

  private Names() {}

  /** RFC 1123 label. */
  public static boolean isLabel(String text) {
    return text.length() <= 63 && LABEL_SYNTAX.matcher(text).matches();
  }

  /** RFC 1123 subdomain: as Kubernetes, of any number of labels of any length. */
  public static boolean isSubdomain(String text) {
    if (text.length() > 253) {
      return false;
    }
    for (String part : text.split("\\.", -1)) {
      if (!LABEL_SYNTAX.matcher(part).matches()) {
        return false;
      }
    }
    return true;
  }

  /** What can be one step of a URL's path. */
  static boolean isPathSegment(String text) {
    return !text.isEmpty()
        && text.length() <= 253
        && !text.equals(".")
        && !text.equals("..")
        && text.chars().noneMatch(c -> c == '/' || c == '%' || Character.isISOControl(c));
  }

  /** The key of a label or annotation: {@code [prefix/]name}. */
  public static boolean isQualified(String text) {
    int slash = text.indexOf('/');
    String name = text.substring(slash + 1);
    return (slash < 0 || isSubdomain(text.substring(0, slash)))
        && name.length() <= 63
        && QUALIFIED.matcher(name).matches();
  }

  /** What a label may be set to. */
  public static boolean isLabelValue(String text) {
    return text.isEmpty() || (text.length() <= 63 && QUALIFIED.matcher(text).matches());
  }

  /** Whether a variable may have that name. */
  public static boolean isEnvName(String text) {
    return ENV.matcher(text).matches();
  }

  /** IANA service name. */
  static boolean isPortName(String text) {
    return text.length() <= 15 && PORT.matcher(text).matches();
  }

  static boolean isReference(String text) {
    return text.length() <= 512 && REFERENCE_SYNTAX.matcher(text).matches();
  }

  static boolean isSignal(String text) {
    if (text.matches("[1-9]|[1-5][0-9]|6[0-4]")) {
      return true;
    }
    String name = text.startsWith("SIG") ? text.substring(3) : text;
    return SIGNALS.contains(name) || REAL_TIME.matcher(name).matches();
  }
}
