package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.client.WebSocket;
import dev.jctl.cli.output.Console;
import dev.jctl.manifests.json.Json;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** {@code jctl exec}: channels of one WebSocket as Kubernetes has them (remotecommand v5). */
final class ExecCommand implements Command {
  private static final Option STDIN = Option.flag("pass standard input on", "--stdin", "-i");
  private static final Option TTY = Option.flag("give it a terminal", "--tty", "-t");
  private static final int IN = 0;
  private static final int OUT = 1;
  private static final int ERR = 2;
  private static final int STATUS = 3;
  private static final int RESIZE = 4;
  private static final int CLOSE_CHANNEL = 0xff;

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "exec",
        "exec [-it] NAME | KIND/NAME [-c CONTAINER] -- COMMAND [ARG…]",
        "Run a command in a running container; exits as it does",
        CommandSpec.Operands.POD,
        List.of(STDIN, TTY, Options.CONTAINER),
        List.of("jctl exec -it web -- sh", "jctl exec web -- cat /etc/hosts"));
  }

  @Override
  public int run(Invocation in) throws IOException {
    List<String> command = in.arguments().rest();
    if (in.arguments().operands().size() != 1 || command.isEmpty()) {
      throw new UsageException("expected NAME -- COMMAND; for example: jctl exec -it web -- sh");
    }
    boolean tty = in.is(TTY) && in.is(STDIN) && in.console().inIsTerminal();
    if (in.is(TTY) && !tty) {
      in.console().error("Unable to use a TTY - input is not a terminal or the right kind of file");
    }
    PodTarget pod = PodTarget.find(in, in.arguments().operands().get(0));
    Target target = pod.subresource("exec");
    for (String word : command) {
      target = target.with("command", word);
    }
    target = target.withOptional("stdin", in.is(STDIN) ? "true" : "").with("stdout", "true");
    // with a terminal all output is one stream
    target = tty ? target.with("tty", "true") : target.with("stderr", "true");
    try (WebSocket socket = in.api().webSocket(target)) {
      return tty ? inTerminal(in, socket) : talk(in, socket);
    }
  }

  private static int inTerminal(Invocation in, WebSocket socket) throws IOException {
    sendSize(socket);
    Terminal.onResize(() -> sendSize(socket));
    try (Terminal _ = Terminal.raw()) {
      return talk(in, socket);
    }
  }

  private static int talk(Invocation in, WebSocket socket) throws IOException {
    if (in.is(STDIN)) {
      Thread sender = new Thread(() -> sendInput(socket), "stdin");
      sender.setDaemon(true);
      sender.start();
    }
    Console console = in.console();
    for (Optional<byte[]> m = socket.receive(); m.isPresent(); m = socket.receive()) {
      byte[] message = m.get();
      if (message.length == 0) {
        continue;
      }
      switch (message[0]) {
        case OUT -> print(console.out(), message);
        case ERR -> print(console.err(), message);
        case STATUS -> {
          return exitCode(Json.read(Arrays.copyOfRange(message, 1, message.length)));
        }
        default -> {} // a channel that this client did not ask for
      }
    }
    throw new CommandFailure(ExitCode.FAILED, "the connection ended before the command did");
  }

  private static void print(PrintStream to, byte[] message) {
    to.write(message, 1, message.length - 1);
    to.flush();
  }

  private static int exitCode(JsonNode status) {
    if (status.path("status").asText("").equals("Success")) {
      return ExitCode.OK;
    }
    for (JsonNode cause : status.path("details").path("causes")) {
      if (cause.path("reason").asText("").equals("ExitCode")) {
        return Integer.parseInt(cause.path("message").asText("1"));
      }
    }
    throw new CommandFailure(ExitCode.FAILED, status.path("message").asText("the command failed"));
  }

  private static void sendInput(WebSocket socket) {
    try (InputStream input = new FileInputStream(FileDescriptor.in)) {
      byte[] buffer = new byte[8192];
      buffer[0] = IN;
      for (int n = input.read(buffer, 1, buffer.length - 1);
          n > 0;
          n = input.read(buffer, 1, buffer.length - 1)) {
        socket.send(Arrays.copyOf(buffer, n + 1));
      }
      socket.send(new byte[] {(byte) CLOSE_CHANNEL, IN});
    } catch (IOException e) {
      // the command has ended; what was typed for it is of no use to anyone
    }
  }

  private static void sendSize(WebSocket socket) {
    Optional<Terminal.Size> size = Terminal.size();
    if (size.isEmpty()) {
      return;
    }
    String json = "{\"Width\":" + size.get().columns() + ",\"Height\":" + size.get().rows() + "}";
    byte[] text = json.getBytes(StandardCharsets.US_ASCII);
    byte[] message = new byte[text.length + 1];
    message[0] = RESIZE;
    System.arraycopy(text, 0, message, 1, text.length);
    try {
      socket.send(message);
    } catch (IOException e) {
      // the receiving thread sees the same, and says so
    }
  }
}
