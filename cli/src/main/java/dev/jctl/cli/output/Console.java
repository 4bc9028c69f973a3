package dev.jctl.cli.output;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command writes.
 *
 * @param out buffered; flushed at the end, or when what was printed is to be seen at once
 * @param outIsTerminal whether lines may be overwritten
 */
public record Console(
    PrintStream out, PrintStream err, boolean inIsTerminal, boolean outIsTerminal) {

  /**
   * {@code terminals}: the digits of those of the descriptors 0, 1, 2 that are terminals. The
   * starting shell knows it for nothing; the JVM would load a line editor to find out.
   */
  public static Console system(String terminals) {
    return new Console(
        stream(new FileOutputStream(FileDescriptor.out)),
        stream(new FileOutputStream(FileDescriptor.err)),
        terminals.contains("0"),
        terminals.contains("1"));
  }

  private static PrintStream stream(OutputStream to) {
    return new PrintStream(new BufferedOutputStream(to, 8192), false, StandardCharsets.UTF_8);
  }

  public void line(String text) {
    out.append(text).append('\n');
  }

  public void error(String text) {
    out.flush();
    err.append(text).append('\n');
    err.flush();
  }

  public void flush() {
    out.flush();
    err.flush();
  }
}
