package dev.jctl.images.build;

import java.util.ArrayDeque;
import java.util.Deque;

/** Paths of an image as texts. */
final class Paths {
  private Paths() {}

  /** Absolute and without {@code .} and {@code ..}; {@code ..} does not lead out of the root. */
  static String within(String directory, String path) {
    String whole = path.startsWith("/") ? path : directory + "/" + path;
    Deque<String> names = new ArrayDeque<>();
    for (String name : whole.split("/", -1)) {
      if (name.equals("..")) {
        names.pollLast();
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return "/" + String.join("/", names);
  }
}
