package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code /healthz}, {@code /livez} and {@code /readyz} say, in the words of
 * k8s.io/apiserver/pkg/server/healthz: {@code ok}, or with {@code ?verbose} and whenever one fails
 * a line for each check. Why it fails is in the log alone, as anybody may ask.
 */
final class HealthChecks {
  private static final Logger LOG = LoggerFactory.getLogger(HealthChecks.class);

  /** Something that must work; that it throws is a failure too. */
  record Check(String name, BooleanSupplier passes) {
    private boolean isPassed() {
      try {
        return passes.getAsBoolean();
      } catch (RuntimeException e) {
        LOG.warn("health check {}: {}", name, e.getMessage());
        return false;
      }
    }
  }

  private final List<Check> alive;
  private final List<Check> ready;

  /**
   * @param alive without which nothing is of use
   * @param ready what else it takes to be asked
   */
  HealthChecks(List<Check> alive, List<Check> ready) {
    this.alive = List.copyOf(alive);
    this.ready = List.copyOf(ready);
  }

  /**
   * 200, or 500 when a check fails.
   *
   * @throws ApiException 404 when there is no check of the name that the path ends in
   */
  ApiReply reply(ApiTarget.Health asked, Query query) {
    List<Check> checks = new ArrayList<>(alive);
    if (asked.endpoint().equals("readyz")) {
      checks.addAll(ready);
    }
    return asked.check().isEmpty() ? all(asked.endpoint(), checks, query) : one(asked, checks);
  }

  private static ApiReply one(ApiTarget.Health asked, List<Check> checks) {
    Check check =
        checks.stream()
            .filter(c -> c.name().equals(asked.check()))
            .findFirst()
            .orElseThrow(
                () ->
                    new ApiException(
                        Reason.NOT_FOUND,
                        "there is no check \"%s\" of %s".formatted(asked.check(), asked.endpoint()),
                        null,
                        List.of()));
    return check.isPassed()
        ? ApiReply.text("ok")
        : text(500, "internal server error: " + check.name() + " failed");
  }

  private static ApiReply all(String endpoint, List<Check> checks, Query query) {
    List<String> excluded = query.all("exclude");
    StringBuilder lines = new StringBuilder();
    boolean passed = true;
    for (Check check : checks) {
      if (excluded.contains(check.name())) {
        lines.append("[+]").append(check.name()).append(" excluded: ok\n");
      } else if (check.isPassed()) {
        lines.append("[+]").append(check.name()).append(" ok\n");
      } else {
        lines.append("[-]").append(check.name()).append(" failed: reason withheld\n");
        passed = false;
      }
    }
    if (!passed) {
      return text(500, lines + endpoint + " check failed\n");
    }
    boolean verbose = query.values().containsKey("verbose");
    return ApiReply.text(verbose ? lines + endpoint + " check passed\n" : "ok");
  }

  private static ApiReply text(int status, String text) {
    return new ApiReply.Whole(
        status, "text/plain", text.getBytes(StandardCharsets.UTF_8), List.of());
  }
}
