package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A directory with a configuration.
 *
 * @param text of the configuration
 * @see <a href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/bundle.md">bundle.md</a>
 */
record Bundle(Path directory, String text, OciSpec spec, Hooks hooks) {
  /** Nobody's configuration is larger; one that is fills our memory. */
  private static final long MOST_BYTES = 16 << 20;

  /**
   * @param directory absolute
   * @param file relative to it, or absolute
   */
  static Bundle read(Path directory, String file) {
    Path path = directory.resolve(file);
    try {
      if (Files.size(path) > MOST_BYTES) {
        throw new RuntimeFailure(Reason.INVALID, path + " is larger than " + MOST_BYTES + " bytes");
      }
      String text = Files.readString(path);
      return parse(directory, path.toString(), text);
    } catch (NoSuchFileException e) {
      throw new RuntimeFailure(
          Reason.NOT_FOUND, path + " does not exist; a bundle has a config.json", e);
    } catch (IOException e) {
      throw new RuntimeFailure(Reason.INVALID, "read " + path + ": " + e, e);
    }
  }

  /** Pure. */
  static Bundle parse(Path directory, String what, String text) {
    Fields config = Fields.of(what, JsonTree.parse(what, text));
    return new Bundle(
        directory, text, SpecReader.spec(config, directory), SpecReader.hooks(config));
  }
}
