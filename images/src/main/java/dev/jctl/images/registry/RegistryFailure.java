package dev.jctl.images.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.channels.UnresolvedAddressException;

/** Pure: what a registry's answer means when it is not the one hoped for. */
final class RegistryFailure {
  private static final int SHOWN_CHARACTERS = 200;
  private static final JsonMapper MAPPER =
      new JsonMapper(
          JsonFactory.builder()
              .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(16).build())
              .build());

  private RegistryFailure() {}

  static ImageException of(String what, URI uri, int status, byte[] body) {
    return new ImageException(
        reason(status),
        "%s: %s answered %d%s".formatted(what, uri.getAuthority(), status, said(body)));
  }

  private static Reason reason(int status) {
    return switch (status) {
      case 401, 403 -> Reason.UNAUTHORIZED;
      case 404 -> Reason.NOT_FOUND;
      default -> RetryPolicy.isTransient(status) ? Reason.UNREACHABLE : Reason.UNSUPPORTED;
    };
  }

  static ImageException unreachable(String what, URI uri, IOException cause) {
    return new ImageException(
        Reason.UNREACHABLE,
        "%s: no answer from %s: %s".formatted(what, uri.getAuthority(), why(cause)),
        cause);
  }

  /** The JDK's client says neither that nobody listens nor that a name is not known. */
  private static String why(IOException cause) {
    if (cause.getMessage() != null) {
      return cause.getMessage();
    }
    for (Throwable c = cause; c != null; c = c.getCause()) {
      if (c instanceof UnresolvedAddressException) {
        return "its name is not known here";
      }
    }
    return cause instanceof ConnectException
        ? "cannot connect; does a server listen there?"
        : cause.getClass().getSimpleName();
  }

  /** The error document of the distribution spec, if it is one. */
  private static String said(byte[] body) {
    try {
      JsonNode error = MAPPER.readTree(body).path("errors").path(0);
      String text =
          (error.path("code").asText("") + " " + error.path("message").asText(""))
              .strip()
              .replaceAll("\\p{Cntrl}", "?");
      return text.isEmpty()
          ? ""
          : ": " + text.substring(0, Math.min(SHOWN_CHARACTERS, text.length()));
    } catch (IOException notJson) {
      return "";
    }
  }
}
