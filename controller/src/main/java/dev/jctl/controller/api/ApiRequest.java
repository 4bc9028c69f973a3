package dev.jctl.controller.api;

import dev.jctl.controller.access.Identity;
import dev.jctl.controller.protobuf.ProtobufObjects;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.manifests.schema.FieldError;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * One request, whatever server took it.
 *
 * @param identity who asks; empty when the client has not proven it
 * @param impersonation as whom it wants to act
 * @param path as in the request line
 * @param contentType without parameters, in lower case; empty when absent
 * @param accept empty when absent
 * @param uri path and query, as sent
 * @param peer the client's address; empty on the Unix socket
 * @param headers the value of any header; empty when absent
 */
record ApiRequest(
    Optional<Identity> identity,
    Impersonation impersonation,
    String method,
    String path,
    Query query,
    String contentType,
    String accept,
    String userAgent,
    String uri,
    String peer,
    UnaryOperator<String> headers,
    Supplier<InputStream> body) {
  private static final int MAX_MANAGER_LENGTH = 128;

  /** The same by somebody else. */
  ApiRequest by(Identity acting) {
    return new ApiRequest(
        Optional.of(acting),
        Impersonation.NONE,
        method,
        path,
        query,
        contentType,
        accept,
        userAgent,
        uri,
        peer,
        headers,
        body);
  }

  /** The same with other parameters. */
  ApiRequest asking(Query other) {
    return at(path, other);
  }

  /** The same of something else. */
  ApiRequest at(String otherPath, Query otherQuery) {
    return new ApiRequest(
        identity,
        impersonation,
        method,
        otherPath,
        otherQuery,
        contentType,
        accept,
        userAgent,
        uri,
        peer,
        headers,
        body);
  }

  /**
   * The same with another body.
   *
   * @param otherBody JSON, whatever the type of this one's is
   */
  ApiRequest saying(byte[] otherBody) {
    String type = contentType.equals(ProtobufObjects.MEDIA_TYPE) ? ApiReply.JSON : contentType;
    UnaryOperator<String> others =
        name -> name.equalsIgnoreCase("Content-Length") ? "" : headers.apply(name);
    return typed(type, others, () -> new ByteArrayInputStream(otherBody));
  }

  /** A patch, as the document that it is. */
  ApiRequest withoutPatchType() {
    String type = contentType.replaceAll("^application/[a-z-]+-patch\\+", "application/");
    return typed(type, headers, body);
  }

  private ApiRequest typed(
      String type, UnaryOperator<String> otherHeaders, Supplier<InputStream> otherBody) {
    return new ApiRequest(
        identity,
        impersonation,
        method,
        path,
        query,
        type,
        accept,
        userAgent,
        uri,
        peer,
        otherHeaders,
        otherBody);
  }

  /** Who writes, when the request does not say: the client's name without its version. */
  String fieldManager() {
    Optional<String> given = query.text("fieldManager");
    if (given.isPresent() && given.get().length() > MAX_MANAGER_LENGTH) {
      throw invalidOption(
          new FieldError(
              "fieldManager",
              FieldError.Type.TOO_LONG,
              "Too long: must have at most " + MAX_MANAGER_LENGTH + " bytes"));
    }
    return given.orElseGet(() -> client(userAgent));
  }

  private static String client(String userAgent) {
    int end = 0;
    while (end < userAgent.length() && "/ ".indexOf(userAgent.charAt(end)) < 0) {
      end++;
    }
    return userAgent.isEmpty() ? "unknown" : userAgent.substring(0, end);
  }

  /** Whether fields of other managers are taken over: a word of server-side apply. */
  void refuseForce() {
    if (query.flag("force")) {
      throw invalidOption(
          new FieldError(
              "force",
              FieldError.Type.FORBIDDEN,
              "Forbidden: may not be specified for non-apply patch"));
    }
  }

  boolean dryRun() {
    List<String> given = query.all("dryRun");
    if (given.isEmpty() || given.equals(List.of("All"))) {
      return !given.isEmpty();
    }
    throw invalidOption(
        new FieldError(
            "dryRun",
            FieldError.Type.NOT_SUPPORTED,
            "Unsupported value: \"" + String.join(",", given) + "\": supported values: \"All\""));
  }

  /** What is wrong with a parameter of a write, in kube-apiserver's words. */
  ApiException invalidOption(FieldError error) {
    String options =
        switch (method) {
          case "POST" -> "CreateOptions";
          case "PUT" -> "UpdateOptions";
          case "DELETE" -> "DeleteOptions";
          default -> "PatchOptions";
        };
    return ApiException.invalid(
        new ApiException.Details("meta.k8s.io", options, ""), List.of(error));
  }
}
