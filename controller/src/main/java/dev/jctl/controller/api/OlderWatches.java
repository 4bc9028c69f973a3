package dev.jctl.controller.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Watches that are asked for by their path, {@code /api/v1/watch/…}: lists with {@code watch=true},
 * and of one object with its name selected. Deprecated since Kubernetes 1.11, still served by it,
 * and all that kubeclient, of Ruby, knows. Pure.
 */
final class OlderWatches {
  private static final Pattern PATH =
      Pattern.compile(
          "(/api/v1|/apis/[^/]+/[^/]+)/watch(/(?:namespaces/[^/]+/)?[^/]+)(?:/([^/]+))?/?");

  private OlderWatches() {}

  /** The same in the form of today. */
  static ApiRequest current(ApiRequest request) {
    return request.method().equals("GET") && request.path().contains("/watch/")
        ? current(request, PATH.matcher(request.path()))
        : request;
  }

  private static ApiRequest current(ApiRequest request, Matcher watch) {
    if (!watch.matches()) {
      return request;
    }
    Map<String, List<String>> query = new LinkedHashMap<>(request.query().values());
    query.put("watch", List.of("true"));
    if (watch.group(3) != null) {
      List<String> selectors = new ArrayList<>(request.query().all("fieldSelector"));
      selectors.add("metadata.name=" + watch.group(3));
      query.put("fieldSelector", List.of(String.join(",", selectors)));
    }
    return request.at(watch.group(1) + watch.group(2), new Query(query));
  }
}
