package dev.jctl.controller.probe;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One probe of one container, resolved: ports are numbers, defaults are filled in. */
public record ProbeSpec(
    Kind kind,
    Check check,
    Duration initialDelay,
    Duration period,
    Duration timeout,
    int successThreshold,
    int failureThreshold) {
  public enum Kind {
    STARTUP,
    READINESS,
    LIVENESS
  }

  public sealed interface Check {
    record Exec(List<String> command) implements Check {
      public Exec {
        command = List.copyOf(command);
      }
    }

    record Http(String host, int port, String path, Map<String, String> headers) implements Check {
      public Http {
        headers = Map.copyOf(headers);
      }
    }

    record Tcp(String host, int port) implements Check {}
  }
}
