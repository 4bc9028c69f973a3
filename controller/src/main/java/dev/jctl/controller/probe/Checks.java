package dev.jctl.controller.probe;

import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.SandboxConnection;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Carries one check out. Connections are made from inside the sandbox's network namespace. */
public final class Checks {
  private static final int MAX_STATUS_LINE = 256;
  private static final int MAX_OUTPUT = 1024;

  private final ContainerRuntime runtime;

  public Checks(ContainerRuntime runtime) {
    this.runtime = runtime;
  }

  /** The check ends by {@code timeout} as far as the runtime keeps to it. */
  public ProbeResult run(
      String sandboxId, String containerId, ProbeSpec.Check check, Duration timeout) {
    try {
      return switch (check) {
        case ProbeSpec.Check.Exec exec -> exec(containerId, exec, timeout);
        case ProbeSpec.Check.Http http -> http(sandboxId, http, timeout);
        case ProbeSpec.Check.Tcp tcp -> tcp(sandboxId, tcp, timeout);
      };
    } catch (RuntimeFailure | IOException e) {
      return new ProbeResult.Failure(String.valueOf(e.getMessage()));
    }
  }

  private ProbeResult exec(String containerId, ProbeSpec.Check.Exec exec, Duration timeout)
      throws IOException {
    Optional<Observed.Container> container = runtime.container(containerId);
    if (container.isEmpty()) {
      return new ProbeResult.Failure("container " + containerId + " is gone");
    }
    OciSpec.Process main = container.get().spec().oci().process();
    try (ExecSession session =
        runtime.exec(containerId, main.beside(false, exec.command(), main.env()))) {
      session.stdin().close();
      OptionalInt code = session.waitFor(timeout);
      if (code.isEmpty()) {
        return new ProbeResult.Failure(exec.command() + " did not end within " + timeout);
      }
      return code.getAsInt() == 0
          ? new ProbeResult.Success()
          : new ProbeResult.Failure(
              exec.command() + " ended with exit code " + code.getAsInt() + output(session));
    }
  }

  private static String output(ExecSession session) throws IOException {
    byte[] text = session.stdout().readNBytes(MAX_OUTPUT);
    return text.length == 0 ? "" : ": " + new String(text, StandardCharsets.UTF_8).strip();
  }

  private ProbeResult tcp(String sandboxId, ProbeSpec.Check.Tcp tcp, Duration timeout) {
    runtime.connect(sandboxId, tcp.host(), tcp.port(), timeout).close();
    return new ProbeResult.Success();
  }

  private ProbeResult http(String sandboxId, ProbeSpec.Check.Http http, Duration timeout)
      throws IOException {
    String url = "http://" + http.host() + ":" + http.port() + http.path();
    try (SandboxConnection connection =
        runtime.connect(sandboxId, http.host(), http.port(), timeout)) {
      connection.output().write(request(http).getBytes(StandardCharsets.UTF_8));
      connection.output().flush();
      int status = status(connection.input());
      return status >= 200 && status < 400
          ? new ProbeResult.Success()
          : new ProbeResult.Failure("GET " + url + " answered " + status);
    }
  }

  private static String request(ProbeSpec.Check.Http http) {
    StringBuilder text = new StringBuilder("GET ").append(http.path()).append(" HTTP/1.1\r\n");
    if (!http.headers().containsKey("Host")) {
      text.append("Host: ").append(http.host()).append(':').append(http.port()).append("\r\n");
    }
    for (Map.Entry<String, String> header : http.headers().entrySet()) {
      text.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
    }
    return text.append("User-Agent: jctl-probe/1\r\nConnection: close\r\n\r\n").toString();
  }

  /** RFC 9112 section 4: {@code HTTP/1.1 200 OK}. */
  private static int status(InputStream answer) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = answer.read(); c >= 0 && c != '\n'; c = answer.read()) {
      if (line.length() == MAX_STATUS_LINE) {
        throw new IOException("the answer is not HTTP: its first line is too long");
      }
      line.append((char) c);
    }
    String[] parts = line.toString().strip().split(" ", 3);
    if (parts.length < 2 || !parts[0].startsWith("HTTP/") || !parts[1].matches("[1-5]\\d\\d")) {
      throw new IOException(
          line.isEmpty()
              ? "the connection was closed without an answer"
              : "the answer is not HTTP");
    }
    return Integer.parseInt(parts[1]);
  }
}
