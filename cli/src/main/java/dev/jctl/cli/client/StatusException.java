package dev.jctl.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serial;
import java.util.ArrayList;
import java.util.List;

/** The server's refusal: a Kubernetes Status. */
public final class StatusException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final int code;
  private final String reason;
  private final transient JsonNode details;

  public StatusException(int code, String reason, String message, JsonNode details) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  static StatusException of(int httpCode, JsonNode status) {
    return new StatusException(
        status.path("code").asInt(httpCode),
        status.path("reason").asText(""),
        status
            .path("message")
            .asText(registryMessage(status).asText("the server answered " + httpCode)),
        status.path("details"));
  }

  /** Below {@code /v2/}. OCI distribution spec 1.1, Error codes. */
  private static JsonNode registryMessage(JsonNode status) {
    return status.path("errors").path(0).path("message");
  }

  public int code() {
    return code;
  }

  public String reason() {
    return reason;
  }

  public boolean isNotFound() {
    return code == 404;
  }

  /** {@code field}: as in {@code spec.ports[0].containerPort}; may be empty. */
  public record Cause(String field, String message) {}

  public List<Cause> causes() {
    List<Cause> causes = new ArrayList<>();
    for (JsonNode c : details.path("causes")) {
      causes.add(new Cause(c.path("field").asText(""), c.path("message").asText("")));
    }
    return causes;
  }

  /** Kind of the refused object; empty when unknown. */
  public String kind() {
    return details.path("kind").asText("");
  }

  /** Name of the refused object; empty when unknown. */
  public String name() {
    return details.path("name").asText("");
  }
}
