package dev.jctl.images.dockerfile;

/** Where something was written: {@code Dockerfile:7}, or a field of a manifest. */
public record Position(String source, int line) {
  @Override
  public String toString() {
    return line > 0 ? source + ":" + line : source;
  }
}
