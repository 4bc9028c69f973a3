package dev.jctl.images.oci;

/**
 * What an image runs on, in Go's words; a part that is not said is empty.
 *
 * @param variant of the architecture, {@code v7}
 */
public record Platform(String os, String architecture, String variant) {
  static final Platform UNSAID = new Platform("", "", "");

  static Platform read(JsonCursor at) {
    return new Platform(at.text("os"), at.text("architecture"), at.text("variant"));
  }

  /** Whether an image for this platform runs on {@code host}; what is not said is no obstacle. */
  public boolean runsOn(Platform host) {
    return (os.isEmpty() || os.equals(host.os))
        && (architecture.isEmpty() || architecture.equals(host.architecture));
  }

  boolean isSaid() {
    return !os.isEmpty() || !architecture.isEmpty();
  }

  /** The baseline of an architecture runs everywhere, {@code amd64/v3} does not. */
  boolean isBaseline() {
    return variant.isEmpty() || variant.equals("v1") || variant.equals("v8");
  }

  @Override
  public String toString() {
    String base =
        (os.isEmpty() ? "unknown" : os) + "/" + (architecture.isEmpty() ? "unknown" : architecture);
    return variant.isEmpty() ? base : base + "/" + variant;
  }
}
