package dev.jctl.cli;

import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.Target;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code jctl logs}. */
final class LogsCommand implements Command {
  private static final Option FOLLOW =
      Option.flag("go on, across restarts of the container", "--follow", "-f");
  private static final Option PREVIOUS =
      Option.flag("of the run before the last restart", "--previous", "-p");
  private static final Option TAIL = Option.value("LINES", "only the last lines", "--tail");
  private static final Option SINCE = Option.value("TIME", "only newer than: 30s, 5m", "--since");
  private static final Option TIMESTAMPS =
      Option.flag("with the time of each line", "--timestamps");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "logs",
        "logs NAME | KIND/NAME [options]",
        "Print what a container wrote",
        CommandSpec.Operands.POD,
        List.of(FOLLOW, PREVIOUS, TAIL, SINCE, TIMESTAMPS, Options.CONTAINER),
        List.of("jctl logs -f web", "jctl logs pod/web -c sidecar --tail=20"));
  }

  @Override
  public int run(Invocation in) throws IOException, InterruptedException {
    if (in.arguments().operands().size() != 1) {
      throw new UsageException("expected one NAME, pod/NAME or container/NAME");
    }
    String name = in.arguments().operands().get(0);
    PodTarget pod = PodTarget.find(in, name);
    if (!in.is(FOLLOW)) {
      try (InputStream text =
          in.api().stream(
              first(in, pod).withOptional("timestamps", in.is(TIMESTAMPS) ? "true" : ""))) {
        text.transferTo(in.console().out());
      }
      return ExitCode.OK;
    }
    return follow(in, pod, name);
  }

  private static Target first(Invocation in, PodTarget pod) {
    return pod.subresource("log")
        .withOptional("previous", in.is(PREVIOUS) ? "true" : "")
        .withOptional("tailLines", in.value(TAIL).filter(t -> !t.equals("-1")).orElse(""))
        .withOptional(
            "sinceSeconds",
            in.value(SINCE)
                .map(s -> Long.toString(Math.max(1, Times.parse(s).toSeconds())))
                .orElse(""));
  }

  /**
   * Lines are asked for with their times, which are taken off: when the connection breaks because
   * the controller restarts, the next one goes on after the last line that was printed.
   */
  private static int follow(Invocation in, PodTarget pod, String name)
      throws IOException, InterruptedException {
    Follower follower = new Follower(in);
    Target target = first(in, pod);
    while (true) {
      boolean ended =
          follower.copy(
              target
                  .with("follow", "true")
                  .with("followRestarts", "true")
                  .with("timestamps", "true"));
      if (ended && isOver(in, pod, name)) {
        return ExitCode.OK;
      }
      Thread.sleep(100);
      target = PodTarget.find(in, name).subresource("log").withOptional("sinceTime", follower.last);
    }
  }

  /** The server ended the stream: for good, unless the Pod was made anew. */
  private static boolean isOver(Invocation in, PodTarget pod, String name) {
    try {
      String uid = PodTarget.find(in, name).pod().path("metadata").path("uid").asText("");
      return uid.equals(pod.pod().path("metadata").path("uid").asText(""));
    } catch (StatusException | CommandFailure e) {
      return true; // it was deleted
    }
  }

  private static final class Follower {
    private final Invocation in;
    private String last = "";

    Follower(Invocation in) {
      this.in = in;
    }

    /** Returns whether the server ended it, as opposed to the connection breaking. */
    boolean copy(Target target) throws IOException {
      String before = last;
      try (InputStream text = new BufferedInputStream(in.api().stream(target))) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = read(text); b >= 0; b = read(text)) {
          line.write(b);
          if (b == '\n') {
            print(line.toByteArray(), before);
            line.reset();
            if (text.available() == 0) {
              in.console().flush();
            }
          }
        }
        in.console().flush();
        return true;
      } catch (BrokenException e) {
        in.console().flush();
        return false;
      }
    }

    private static int read(InputStream text) throws BrokenException {
      try {
        return text.read();
      } catch (IOException e) {
        throw new BrokenException(e);
      }
    }

    private void print(byte[] line, String before) {
      int blank = 0;
      while (blank < line.length && line[blank] != ' ') {
        blank++;
      }
      String time = new String(line, 0, blank, StandardCharsets.US_ASCII);
      // times in a log never go back, and have one form, so that text order is time order
      if (!before.isEmpty() && time.compareTo(before) <= 0) {
        return;
      }
      last = time;
      int from = in.is(TIMESTAMPS) ? 0 : Math.min(line.length, blank + 1);
      in.console().out().write(line, from, line.length - from);
    }
  }

  private static final class BrokenException extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenException(IOException cause) {
      super(cause);
    }
  }
}
