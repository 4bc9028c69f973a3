package dev.jctl.cli;

import dev.jctl.cli.client.StatusException;

/** Failures as kubectl words them. */
final class Failures {
  private Failures() {}

  static String line(StatusException e) {
    String message = e.getMessage();
    return switch (e.reason()) {
      case "" -> "Error from server: " + message;
      case "Invalid" -> "The " + message;
      default -> "Error from server (" + e.reason() + "): " + message;
    };
  }
}
