package dev.jctl.images.build;

import java.util.List;
import java.util.stream.IntStream;

/** Ports as an image's configuration names them. */
final class Ports {
  private Ports() {}

  /**
   * @param word {@code 80}, {@code 80/udp}, {@code 8000-8010}
   */
  static List<String> of(String word) {
    int slash = word.indexOf('/');
    String protocol = slash < 0 ? "tcp" : word.substring(slash + 1);
    String[] range = (slash < 0 ? word : word.substring(0, slash)).split("-", -1);
    int first = Integer.parseInt(range[0]);
    int last = Integer.parseInt(range[range.length - 1]);
    return IntStream.rangeClosed(first, last).mapToObj(port -> port + "/" + protocol).toList();
  }
}
