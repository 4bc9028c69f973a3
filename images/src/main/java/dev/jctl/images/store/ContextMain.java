package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Writes a build's context as a tar to standard output, for {@code jctl image build} on an instance
 * of another machine: the command itself stays small. Arguments: directory, path of the Dockerfile
 * there. Exit code 1 with a line on standard error for what cannot be sent.
 */
public final class ContextMain {
  private ContextMain() {}

  public static void main(String[] arguments) {
    try {
      ContextFiles.write(Path.of(arguments[0]), arguments[1], System.out);
      if (System.out.checkError()) {
        throw new IOException("nobody reads it");
      }
    } catch (ImageException | IOException e) {
      System.err.println(e instanceof ImageException ? e.getMessage() : "context: " + e);
      System.exit(1);
    }
  }
}
