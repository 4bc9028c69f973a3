package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.controller.resources.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** As k8s.io/apiserver/pkg/server/healthz words it. */
class HealthChecksTest {
  private static final HealthChecks GOOD = checks(true);
  private static final HealthChecks BAD = checks(false);

  private static HealthChecks checks(boolean store) {
    return new HealthChecks(
        List.of(
            new HealthChecks.Check("ping", () -> true),
            new HealthChecks.Check(
                "etcd",
                () -> {
                  if (!store) {
                    throw new IllegalStateException("the disk is gone");
                  }
                  return true;
                })),
        List.of(new HealthChecks.Check("informer-sync", () -> true)));
  }

  private static String reply(HealthChecks checks, int status, String path, String query) {
    ApiTarget.Health target = (ApiTarget.Health) ApiTarget.parse(path).orElseThrow();
    ApiReply.Whole reply = (ApiReply.Whole) checks.reply(target, Query.parse(query));
    assertThat(reply.status()).isEqualTo(status);
    return new String(reply.body(), StandardCharsets.UTF_8);
  }

  @Test
  void isOkWhenAllPass() {
    for (String path : List.of("/healthz", "/livez", "/readyz", "/readyz/informer-sync")) {
      assertThat(reply(GOOD, 200, path, "")).isEqualTo("ok");
    }
  }

  @Test
  void listsWhatIsAskedFor() {
    assertThat(reply(GOOD, 200, "/livez", "verbose"))
        .isEqualTo("[+]ping ok\n[+]etcd ok\nlivez check passed\n");
    assertThat(reply(GOOD, 200, "/readyz", "verbose=true&exclude=etcd"))
        .isEqualTo("[+]ping ok\n[+]etcd excluded: ok\n[+]informer-sync ok\nreadyz check passed\n");
  }

  @Test
  void listsAllWhenOneFailsButNotWhy() {
    assertThat(reply(BAD, 500, "/readyz", ""))
        .isEqualTo(
            """
            [+]ping ok
            [-]etcd failed: reason withheld
            [+]informer-sync ok
            readyz check failed
            """);
    assertThat(reply(BAD, 500, "/livez/etcd", "")).contains("etcd failed").doesNotContain("disk");
    assertThat(reply(BAD, 200, "/livez/ping", "")).isEqualTo("ok");
    assertThat(reply(BAD, 200, "/livez", "exclude=etcd")).isEqualTo("ok");
  }

  @Test
  void aCheckThatThereIsNotIsNotFound() {
    assertThatThrownBy(() -> reply(GOOD, 404, "/livez/informer-sync", ""))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("informer-sync");
  }
}
