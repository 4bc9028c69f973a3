package dev.jctl.controller.event;

import dev.jctl.controller.resources.StoredObject;

/** Tells users what happened to an object. Never blocks, never fails. */
public interface EventRecorder {
  enum Type {
    NORMAL("Normal"),
    WARNING("Warning");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /**
   * @param reason one CamelCase word
   * @param message a sentence
   */
  void record(StoredObject about, Type type, String reason, String message);

  default void normal(StoredObject about, String reason, String message) {
    record(about, Type.NORMAL, reason, message);
  }

  default void warning(StoredObject about, String reason, String message) {
    record(about, Type.WARNING, reason, message);
  }
}
