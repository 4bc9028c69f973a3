package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.rbac.AccessRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessRequestsTest {
  /** Verb, group, resource, subresource, name, namespace; empty for none. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET    | /api/v1/pods                               | list,,pods,,,",
        "GET    | /api/v1/pods?watch=1                       | watch,,pods,,,",
        "GET    | /api/v1/namespaces/a/pods/x                | get,,pods,,x,a",
        "HEAD   | /api/v1/namespaces/a/pods/x                | get,,pods,,x,a",
        "POST   | /api/v1/namespaces/a/pods                  | create,,pods,,,a",
        "POST   | /api/v1/namespaces/a/pods/x/exec?command=a | create,,pods,exec,x,a",
        "PUT    | /api/v1/namespaces/a/pods/x/status         | update,,pods,status,x,a",
        "DELETE | /api/v1/namespaces/a/pods                  | deletecollection,,pods,,,a",
        "DELETE | /api/v1/namespaces/a/pods/x                | delete,,pods,,x,a",
        "GET    | /api/v1/namespaces                         | list,,namespaces,,,",
        "GET    | /api/v1/namespaces/a                       | get,,namespaces,,a,a",
        "PATCH  | /api/v1/namespaces/a/status                | patch,,namespaces,status,a,a",
        "GET    | /apis/jctl.dev/v1/namespaces/a/images/x    | get,jctl.dev,images,,x,a",
        "GET    | /apis/apps/v1/deployments                  | list,apps,deployments,,,",
        "GET    | /api/v1/pods?watch=1&fieldSelector=metadata.name%3Dx | watch,,pods,,x,",
        "GET    | /api/v1/pods?fieldSelector=metadata.name!%3Dx | list,,pods,,,",
        "GET    | /api/v1/namespaces/a/pods/x%2Fy            | get,,pods,,x/y,a",
      })
  void aRequestForObjectsIsReadOffItsPath(String method, String target, String expected) {
    AccessRequest.OfResource r = (AccessRequest.OfResource) of(method, target);
    assertThat(
            String.join(
                ",", r.verb(), r.group(), r.resource(), r.subresource(), r.name(), r.namespace()))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"/", "/api", "/api/v1", "/apis/jctl.dev", "/apis/jctl.dev/v1", "/metrics"})
  void otherPathsAreJustPaths(String path) {
    assertThat(of("GET", path)).isEqualTo(new AccessRequest.OfPath("get", path));
  }

  private static AccessRequest of(String method, String target) {
    String[] parts = target.split("\\?", 2);
    return AccessRequests.of(method, parts[0], Query.parse(parts.length == 2 ? parts[1] : ""));
  }
}
