package dev.jctl.images.content;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.io.IOException;
import java.nio.file.NoSuchFileException;

/** Turns what the file system says into what a person can act on. */
public final class StorageFailure {
  private StorageFailure() {}

  /**
   * NO_SPACE when the disk or quota is full, NOT_FOUND for a file that is not there, otherwise IO.
   */
  public static ImageException of(String what, IOException cause) {
    String text = String.valueOf(cause.getMessage());
    // the JDK has no exception of its own for ENOSPC and EDQUOT
    if (text.contains("No space left on device") || text.contains("Disk quota exceeded")) {
      return new ImageException(
          Reason.NO_SPACE, what + ": " + text + ". Free some space and try again", cause);
    }
    if (cause instanceof NoSuchFileException) {
      return new ImageException(Reason.NOT_FOUND, what + ": " + text + " does not exist", cause);
    }
    return new ImageException(
        Reason.IO, what + ": " + cause.getClass().getSimpleName() + ": " + text, cause);
  }
}
