package dev.jctl.cli;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The terminal that jctl runs in, by {@code stty}: the JDK has no call for it, and native code in
 * the command would double its start time.
 */
final class Terminal implements AutoCloseable {
  private final String saved;
  private final Thread restorer = new Thread(this::restore);

  private Terminal(String saved) {
    this.saved = saved;
  }

  record Size(int columns, int rows) {}

  /**
   * Every key goes to the program as it is, Ctrl-C too, until it is closed or this process ends.
   */
  static Terminal raw() throws IOException {
    Terminal terminal = new Terminal(stty("-g"));
    Runtime.getRuntime().addShutdownHook(terminal.restorer);
    stty("raw", "-echo");
    return terminal;
  }

  /** What is typed is not shown, until it is closed or this process ends. */
  static Terminal hidden() throws IOException {
    Terminal terminal = new Terminal(stty("-g"));
    Runtime.getRuntime().addShutdownHook(terminal.restorer);
    stty("-echo");
    return terminal;
  }

  static Optional<Size> size() {
    try {
      String[] rowsAndColumns = stty("size").split(" ", 2);
      return Optional.of(
          new Size(Integer.parseInt(rowsAndColumns[1]), Integer.parseInt(rowsAndColumns[0])));
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return Optional.empty(); // no terminal, or one without a size
    }
  }

  /**
   * Calls back on SIGWINCH. {@code sun.misc.Signal} is the JDK's only way to a signal, and naming
   * it in code is a compiler warning; hence by reflection.
   */
  static void onResize(Runnable listener) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  listener.run();
                }
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("WINCH"), proxy);
    } catch (ClassNotFoundException
        | NoSuchMethodException
        | InstantiationException
        | IllegalAccessException
        | InvocationTargetException e) {
      throw new IllegalStateException("this JVM has no sun.misc.Signal", e);
    }
  }

  private static String stty(String... arguments) throws IOException {
    String[] command = new String[arguments.length + 1];
    command[0] = "stty";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process =
        new ProcessBuilder(command)
            .redirectInput(Redirect.from(new File("/dev/tty")))
            .redirectErrorStream(true)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (process.waitFor() != 0) {
        throw new IOException(output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while stty ran", e);
    }
    return output;
  }

  private void restore() {
    try {
      stty(saved);
    } catch (IOException e) {
      // the terminal is gone: there is nothing to restore
    }
  }

  @Override
  public void close() {
    restore();
    Runtime.getRuntime().removeShutdownHook(restorer);
  }
}
