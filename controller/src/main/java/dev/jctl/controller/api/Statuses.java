package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import java.util.Arrays;

/** metav1.Status. */
final class Statuses {
  private Statuses() {}

  private static ObjectNode status(String outcome) {
    ObjectNode status = ResourceCodec.MAPPER.createObjectNode();
    status.put("kind", "Status").put("apiVersion", "v1");
    status.putObject("metadata");
    return status.put("status", outcome);
  }

  static ObjectNode of(ApiException e) {
    ObjectNode status = status("Failure");
    status.put("message", e.getMessage());
    status.put("reason", e.reason().text());
    ObjectRef ref = e.ref();
    ObjectNode details = status.putObject("details");
    if (ref != null) {
      details.put("name", ref.name());
      if (!ref.kind().group().isEmpty()) {
        details.put("group", ref.kind().group());
      }
      details.put(
          "kind",
          e.reason() == ApiException.Reason.INVALID ? ref.kind().kind() : ref.kind().plural());
    }
    ApiException.Details about = e.details();
    if (about != null) {
      putUnlessEmpty(details, "name", about.name());
      putUnlessEmpty(details, "group", about.group());
      putUnlessEmpty(details, "kind", about.resource());
    }
    if (!e.causes().isEmpty()) {
      ArrayNode causes = details.putArray("causes");
      e.causes()
          .forEach(
              c ->
                  causes
                      .addObject()
                      .put("reason", c.reason())
                      .put("message", c.message())
                      .put("field", c.field()));
    }
    if (details.isEmpty() && about == null) {
      status.remove("details");
    }
    return status.put("code", e.reason().code());
  }

  /** Of a request that came to no handler; some codes have no reason in Kubernetes. */
  static ObjectNode unreadable(int code, String message) {
    ObjectNode status = status("Failure").put("message", message);
    Arrays.stream(ApiException.Reason.values())
        .filter(reason -> reason.code() == code)
        .findFirst()
        .ifPresent(reason -> status.put("reason", reason.text()));
    return status.put("code", code);
  }

  private static void putUnlessEmpty(ObjectNode object, String field, String text) {
    if (!text.isEmpty()) {
      object.put(field, text);
    }
  }

  static ObjectNode success() {
    return status("Success").put("code", 201);
  }

  /** The answer to a deletion that left nothing. */
  static ObjectNode deleted(ObjectRef ref, String uid) {
    ObjectNode status = status("Success");
    ObjectNode details = status.putObject("details").put("name", ref.name());
    if (!ref.kind().group().isEmpty()) {
      details.put("group", ref.kind().group());
    }
    details.put("kind", ref.kind().plural()).put("uid", uid);
    return status;
  }

  /** How a command ended, for the error channel of exec. */
  static ObjectNode exited(int code) {
    if (code == 0) {
      return status("Success");
    }
    return failed(code, "command terminated with non-zero exit code: exit status " + code);
  }

  static ObjectNode failed(int code, String message) {
    ObjectNode status = status("Failure");
    status.put("reason", "NonZeroExitCode");
    status.put("message", message);
    status
        .putObject("details")
        .putArray("causes")
        .addObject()
        .put("reason", "ExitCode")
        .put("message", Integer.toString(code));
    return status;
  }
}
