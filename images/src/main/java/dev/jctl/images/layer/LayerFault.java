package dev.jctl.images.layer;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;

/** Failures of one layer, naming it and the entry. */
record LayerFault(String layer) {
  private static final int SHOWN_CHARACTERS = 200;

  ImageException hostile(String entry, String why) {
    return new ImageException(Reason.HOSTILE_LAYER, at(entry) + why);
  }

  ImageException hostile(String why) {
    return new ImageException(Reason.HOSTILE_LAYER, layer + ": " + why);
  }

  ImageException unsupported(String entry, String why) {
    return new ImageException(Reason.UNSUPPORTED, at(entry) + why);
  }

  ImageException corrupt(String after, Exception cause) {
    String place = after.isEmpty() ? "at its start" : "after entry \"" + shown(after) + "\"";
    return new ImageException(
        Reason.CORRUPT,
        "%s: damaged or cut off %s: %s".formatted(layer, place, cause.getMessage()),
        cause);
  }

  private String at(String entry) {
    return layer + ": entry \"" + shown(entry) + "\": ";
  }

  /** Names come from strangers; they must not write to a terminal. */
  private static String shown(String name) {
    StringBuilder shown = new StringBuilder();
    name.codePoints()
        .limit(SHOWN_CHARACTERS)
        .forEach(c -> shown.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    return name.length() > SHOWN_CHARACTERS ? shown + "…" : shown.toString();
  }
}
