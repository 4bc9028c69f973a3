package dev.jctl.images.dockerfile;

import java.io.Serial;

/** A build that is written wrongly. The message begins with file and line. */
public final class DockerfileException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public DockerfileException(Position at, String message) {
    super(at + ": " + message);
  }
}
