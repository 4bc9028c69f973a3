package dev.jctl.manifests.model;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Ports of the machine that lead to as many ports of a container, the first to the first: what one
 * line of {@code publish} says, in the form that Docker and Compose have.
 *
 * @param hostIp an address of the machine; empty for all
 * @param count of ports
 * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}
 */
public record PublishedRange(
    String hostIp, int hostPort, int containerPort, int count, String protocol) {
  /** Each port is a socket and an element of the kernel's tables. */
  public static final int MOST = 10_000;

  public static final String FORM =
      "[HOST-IP:]HOST-PORT[-LAST]:CONTAINER-PORT[-LAST][/PROTOCOL] such as 8000-8010:8000-8010,"
          + " 127.0.0.1:53:53/udp or [::1]:8443:443";

  private static final Pattern TEXT =
      Pattern.compile(
          "(?:(?<ip>[0-9.]+|\\[[0-9A-Fa-f:.]+]):)?"
              + "(?<host>[0-9]{1,5})(?:-(?<hostlast>[0-9]{1,5}))?"
              + ":(?<own>[0-9]{1,5})(?:-(?<ownlast>[0-9]{1,5}))?"
              + "(?:/(?<protocol>[A-Za-z]+))?");
  private static final List<String> PROTOCOLS = List.of("TCP", "UDP", "SCTP");
  private static final int LAST_PORT = 65535;

  /** Fails with {@link IllegalArgumentException} saying what was expected. */
  public static PublishedRange parse(String text) {
    Matcher parts = TEXT.matcher(text.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException(FORM);
    }
    int host = port(parts.group("host"));
    int own = port(parts.group("own"));
    int count = last(parts.group("hostlast"), host) - host + 1;
    int ownCount = last(parts.group("ownlast"), own) - own + 1;
    if (count != ownCount) {
      throw new IllegalArgumentException(
          "as many ports of the machine as of the container; here they are %d and %d"
              .formatted(count, ownCount));
    }
    if (count > MOST) {
      throw new IllegalArgumentException("at most " + MOST + " ports; here they are " + count);
    }
    return new PublishedRange(
        address(parts.group("ip")), host, own, count, protocol(parts.group("protocol")));
  }

  private static int port(String digits) {
    int port = Integer.parseInt(digits);
    if (port < 1 || port > LAST_PORT) {
      throw new IllegalArgumentException("ports between 1 and " + LAST_PORT);
    }
    return port;
  }

  private static int last(@Nullable String digits, int first) {
    int last = digits == null ? first : port(digits);
    if (last < first) {
      throw new IllegalArgumentException(
          "the lower port of a range first; here it is " + first + "-" + last);
    }
    return last;
  }

  private static String address(@Nullable String text) {
    if (text == null) {
      return "";
    }
    String plain = text.replaceAll("[\\[\\]]", "");
    try {
      InetAddress.ofLiteral(plain);
      return plain;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(FORM, e);
    }
  }

  private static String protocol(@Nullable String text) {
    String protocol = text == null ? "TCP" : text.toUpperCase(Locale.ROOT);
    if (!PROTOCOLS.contains(protocol)) {
      throw new IllegalArgumentException("a protocol of tcp, udp and sctp");
    }
    return protocol;
  }
}
