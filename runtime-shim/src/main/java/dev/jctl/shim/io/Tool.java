package dev.jctl.shim.io;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A program of the machine that does one thing with files, such as cp(1), tar(1) or mkfs(8). */
public final class Tool {
  private static final int MAX_WORDS = 400;

  /** The last is tar's, of a write that was cut short: it does not try the rest. */
  private static final List<String> FULL = List.of("No space left", "quota exceeded", "Wrote only");

  private final List<String> command;
  private final Process process;
  private final ByteArrayOutputStream words = new ByteArrayOutputStream();
  private final Thread listener;

  private Tool(List<String> command, ProcessBuilder builder) throws IOException {
    this.command = command;
    this.process = builder.start();
    this.listener = Thread.ofVirtual().start(() -> listen(process.getErrorStream()));
  }

  @FunctionalInterface
  public interface Feed {
    void into(OutputStream in) throws IOException;
  }

  @FunctionalInterface
  public interface Drain {
    void from(InputStream out) throws IOException;
  }

  public static void run(List<String> command) {
    feed(command, in -> {});
  }

  /** Gives it its standard input; what it prints is of no interest. */
  public static void feed(List<String> command, Feed feed) {
    Tool tool = start(command, ProcessBuilder.Redirect.DISCARD);
    tool.await(
        () -> {
          try (OutputStream in = tool.process.getOutputStream()) {
            feed.into(in);
          }
        });
  }

  public static void drain(List<String> command, Drain drain) {
    Tool tool = start(command, ProcessBuilder.Redirect.PIPE);
    tool.await(() -> drain.from(tool.process.getInputStream()));
  }

  private static Tool start(List<String> command, ProcessBuilder.Redirect output) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(output);
    builder.environment().put("LC_ALL", "C");
    try {
      return new Tool(command, builder);
    } catch (IOException e) {
      throw new RuntimeFailure(
          Reason.COMMAND_NOT_FOUND,
          command.getFirst() + " cannot be run: " + e.getMessage() + "; install it",
          e);
    }
  }

  @FunctionalInterface
  private interface Conversation {
    void hold() throws IOException;
  }

  private void await(Conversation conversation) {
    try {
      conversation.hold();
      int code = process.waitFor();
      listener.join();
      if (code != 0) {
        throw new RuntimeFailure(reason(words()), command.getFirst() + " failed: " + words());
      }
    } catch (IOException e) {
      String words = command.getFirst() + ": " + e.getMessage();
      throw new RuntimeFailure(reason(words), words, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RuntimeFailure(Reason.TIMEOUT, "interrupted: " + command.getFirst(), e);
    } finally {
      process.destroyForcibly();
    }
  }

  /** Why a write failed, by what the kernel or a program says of it. */
  public static Reason reason(String words) {
    return FULL.stream().anyMatch(words::contains) ? Reason.NO_SPACE : Reason.KERNEL;
  }

  private String words() {
    String all = words.toString(StandardCharsets.UTF_8).strip().replace('\n', ' ');
    return all.length() <= MAX_WORDS ? all : all.substring(0, MAX_WORDS) + "…";
  }

  private void listen(InputStream errors) {
    try {
      errors.transferTo(words);
    } catch (IOException ended) {
      return; // with the process
    }
  }
}
