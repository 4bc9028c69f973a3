package dev.jctl.cli.e2e;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A command on a pseudo-terminal, with somebody who types and reads: script(1) of util-linux makes
 * the terminal. Closing kills it with its children.
 */
final class TypedTerminal implements AutoCloseable {
  private final Process process;
  private final OutputStream keys;
  private final Path screen;

  private TypedTerminal(Process process, Path screen) {
    this.process = process;
    this.keys = process.getOutputStream();
    this.screen = screen;
  }

  /** Starts {@code command}, the text of a shell, on a terminal of the given size. */
  static TypedTerminal start(
      int rows, int columns, String command, Path directory, Map<String, String> environment)
      throws IOException {
    Path screen = Files.createTempFile("screen", "");
    String sized = "stty rows " + rows + " cols " + columns + "; exec " + command;
    ProcessBuilder builder =
        new ProcessBuilder("script", "-qec", sized, "/dev/null")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(screen.toFile());
    builder.environment().putAll(environment);
    return new TypedTerminal(builder.start(), screen);
  }

  /** {@code \r} is the return key, {@code \u0003} Ctrl-C. */
  void type(String text) throws IOException {
    keys.write(text.getBytes(StandardCharsets.UTF_8));
    keys.flush();
  }

  /** All that was shown, control sequences included. */
  String screen() throws IOException {
    return new String(Files.readAllBytes(screen), StandardCharsets.ISO_8859_1);
  }

  void awaitText(String text) {
    TestEngine.eventually()
        .failFast("the command ended", () -> !process.isAlive() && !screen().contains(text))
        .until(() -> screen().contains(text));
  }

  /** As a window does whose size is changed: the terminal gets a size, its processes SIGWINCH. */
  void resize(int rows, int columns) throws IOException {
    long inside = process.children().findFirst().orElseThrow().pid();
    Path device = Files.readSymbolicLink(Path.of("/proc/" + inside + "/fd/0"));
    Host.run("stty", "-F", device.toString(), "rows", rows + "", "cols", columns + "").ok();
  }

  /** Waits for the end; the exit code of the command. */
  Ran end() throws IOException, InterruptedException {
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    int code = ended ? process.exitValue() : Ran.TIMED_OUT;
    return new Ran(List.of("script"), code, screen(), "");
  }

  @Override
  public void close() throws IOException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    keys.close();
    Files.deleteIfExists(screen);
  }
}
