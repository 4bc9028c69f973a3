package dev.jctl.images.layer;

import dev.jctl.images.ImageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Names in an archive as paths beneath a root. A leading {@code /} means the root, as to every
 * other tool; {@code ..} is refused wherever it stands, since no honest layer has it.
 */
record EntryPath(List<String> names) {
  /** What a decoder puts where bytes are no UTF-8. */
  private static final char REPLACEMENT = '\uFFFD';

  EntryPath {
    names = List.copyOf(names);
  }

  /**
   * @throws ImageException HOSTILE_LAYER, or UNSUPPORTED for a name that is not UTF-8
   */
  static EntryPath parse(LayerFault fault, String raw) {
    if (raw.isEmpty()) {
      throw fault.hostile(raw, "has no name");
    }
    if (raw.indexOf('\0') >= 0) {
      throw fault.hostile(raw, "has a NUL in its name");
    }
    if (raw.indexOf(REPLACEMENT) >= 0) {
      throw fault.unsupported(raw, "its name is not UTF-8");
    }
    if (bytes(raw) > LayerLimits.PATH_BYTES) {
      throw fault.hostile(raw, "its path is longer than " + LayerLimits.PATH_BYTES + " bytes");
    }
    return new EntryPath(names(fault, raw));
  }

  private static List<String> names(LayerFault fault, String raw) {
    List<String> names = new ArrayList<>();
    for (String name : raw.split("/", -1)) {
      if (name.equals("..")) {
        throw fault.hostile(raw, "climbs with ..");
      }
      if (bytes(name) > LayerLimits.NAME_BYTES) {
        throw fault.hostile(raw, "has a name longer than " + LayerLimits.NAME_BYTES + " bytes");
      }
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return names;
  }

  static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  boolean isRoot() {
    return names.isEmpty();
  }

  String name() {
    return names.isEmpty() ? "" : names.getLast();
  }

  EntryPath parent() {
    return new EntryPath(names.subList(0, Math.max(0, names.size() - 1)));
  }

  EntryPath sibling(String name) {
    List<String> names = new ArrayList<>(parent().names);
    names.add(name);
    return new EntryPath(names);
  }

  @Override
  public String toString() {
    return String.join("/", names);
  }
}
