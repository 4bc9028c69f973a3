package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Why a connection is not taken over, in the codes and words of what Kubernetes does it with: a
 * WebSocket's handshake (RFC 6455, section 4.2; gorilla/websocket) and SPDY's (package httpstream
 * of apimachinery). Pure.
 */
final class Handshakes {
  private static final String VERSION = "13";
  private static final int KEY_BYTES = 16;
  private static final String STREAMS = "X-Stream-Protocol-Version";

  private Handshakes() {}

  /** Empty when a WebSocket may be opened, of whatever subprotocol. */
  static Optional<String> webSocketFault(UnaryOperator<String> headers) {
    if (!headers.apply("Sec-WebSocket-Version").strip().equals(VERSION)) {
      return Optional.of(
          "websocket: unsupported version: 13 not found in 'Sec-Websocket-Version' header");
    }
    if (!isKey(headers.apply("Sec-WebSocket-Key").strip())) {
      return Optional.of(
          "websocket: not a websocket handshake: 'Sec-WebSocket-Key' header must be Base64 encoded"
              + " value of 16-byte in length");
    }
    return Optional.empty();
  }

  private static boolean isKey(String text) {
    try {
      return Base64.getDecoder().decode(text).length == KEY_BYTES;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Names in a header that may be given more than once; its values are joined by commas. */
  static List<String> offered(String header) {
    return Arrays.stream(header.split(",", -1))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .toList();
  }

  /**
   * @param webSocket subprotocols that would have been taken
   * @param spdy what the streams may be
   * @return 400, or 403 when the streams that are offered are others
   */
  static ApiException refusal(UnaryOperator<String> headers, List<String> webSocket, String spdy) {
    return switch (headers.apply("Upgrade").strip().toLowerCase(Locale.ROOT)) {
      case "websocket" -> ApiException.badRequest(webSocketRefusal(headers, webSocket));
      case "spdy/3.1" -> spdyRefusal(headers.apply(STREAMS), spdy);
      default ->
          ApiException.badRequest(
              "Upgrade request required: to "
                  + SpdyUpgrader.PROTOCOL
                  + " or a WebSocket with subprotocol "
                  + String.join(" or ", webSocket));
    };
  }

  private static String webSocketRefusal(UnaryOperator<String> headers, List<String> supported) {
    return webSocketFault(headers)
        .orElseGet(
            () ->
                "unable to upgrade: unable to negotiate protocol: client supports %s, server accepts %s"
                    .formatted(offered(headers.apply("Sec-WebSocket-Protocol")), supported));
  }

  private static ApiException spdyRefusal(String header, String supported) {
    List<String> offered = offered(header);
    if (offered.isEmpty()) {
      return ApiException.badRequest(
          "unable to upgrade: header " + STREAMS + " does not exist in request");
    }
    return new ApiException(
        Reason.FORBIDDEN,
        "unable to upgrade: unable to negotiate protocol: client supports %s, server accepts [%s]"
            .formatted(offered, supported),
        null,
        List.of());
  }
}
