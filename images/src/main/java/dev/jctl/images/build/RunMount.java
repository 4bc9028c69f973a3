package dev.jctl.images.build;

import org.jspecify.annotations.Nullable;

/** Something that is there only while a RUN runs. Dockerfile reference, "RUN --mount". */
public sealed interface RunMount {
  /** Absolute path inside. */
  String target();

  /**
   * A directory or file of the context or of a stage.
   *
   * @param from null: the context
   */
  record Bind(String target, @Nullable String from, String source, Writes writes)
      implements RunMount {
    public enum Writes {
      REFUSED,
      /** What is written is there for that RUN alone. */
      DISCARDED
    }
  }

  /** A directory that later builds find again under the id. */
  record Cache(
      String target, String id, Sharing sharing, boolean readOnly, int mode, int uid, int gid)
      implements RunMount {
    public enum Sharing {
      /** By several at once. */
      SHARED,
      /** By one after the other. */
      LOCKED
    }
  }

  /**
   * @param sizeBytes zero: no limit of its own
   */
  record Tmpfs(String target, long sizeBytes) implements RunMount {}

  /**
   * A secret as a file.
   *
   * @param required the build fails without it
   */
  record Secret(String target, String id, boolean required, int mode) implements RunMount {}

  /** A secret as a variable; {@code target} is its name. */
  record SecretVariable(String target, String id, boolean required) implements RunMount {}

  /** A file of the Dockerfile itself. */
  record Script(String target, String content) implements RunMount {}
}
