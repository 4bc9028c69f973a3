package dev.jctl.controller.api;

import dev.jctl.controller.access.Identity;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One request, whatever server took it.
 *
 * @param identity who asks; empty when the client has not proven it
 * @param path as in the request line
 * @param contentType without parameters, in lower case; empty when absent
 * @param accept empty when absent
 * @param gzip whether {@code body} is compressed
 */
record ApiRequest(
    Optional<Identity> identity,
    String method,
    String path,
    Query query,
    String contentType,
    String accept,
    String userAgent,
    boolean gzip,
    Supplier<InputStream> body) {
  /** Who writes, when the request does not say: the client's name without its version. */
  String fieldManager() {
    return query
        .text("fieldManager")
        .orElseGet(() -> userAgent.isEmpty() ? "unknown" : userAgent.split("[/ ]", 2)[0]);
  }
}
