package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code get -w} in a second terminal. */
final class WatchPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  @Test
  void showsChangesAsTheyOccur() throws IOException {
    String hello = ENGINE.example("hello").path();
    try (Subprocess watch = ENGINE.spawn("get", "containers", "-w")) {
      ENGINE.jctl("apply", "-f", hello, "--wait", "--timeout=60s").ok();
      awaitLine(watch, "hello +yes +Running +0 ");

      ENGINE.kill(ENGINE.pid("hello"));
      awaitLine(watch, "hello +yes +Running +1 ");

      ENGINE.jctl("delete", "-f", hello, "--wait", "--timeout=60s").ok();
      awaitLine(watch, "hello .*Terminating");
      assertThat(watch.running()).isTrue();
    }
  }

  private static void awaitLine(Subprocess watch, String pattern) {
    TestEngine.eventually()
        .untilAsserted(() -> assertThat(watch.out()).containsPattern("(?m)^" + pattern));
  }
}
