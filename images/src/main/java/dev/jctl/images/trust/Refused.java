package dev.jctl.images.trust;

/** A signature does not count; the message says why. */
final class Refused extends Exception {
  @java.io.Serial private static final long serialVersionUID = 1L;

  Refused(String why) {
    super(why);
  }
}
