package dev.jctl.controller.image;

import dev.jctl.images.ImageException;

/**
 * A text that a regular expression of a stranger is tried on: one that looks at it far too often
 * (as {@code (a|aa)+b} does) is ended.
 */
final class PatientText implements CharSequence {
  private static final int MAX_LOOKS = 200_000;

  private final String text;
  private int looks;

  PatientText(String text) {
    this.text = text;
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public char charAt(int index) {
    if (++looks > MAX_LOOKS) {
      throw new ImageException(
          ImageException.Reason.UNSUPPORTED,
          "spec.policy.newest.pattern takes too long to match the tag " + text);
    }
    return text.charAt(index);
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.substring(start, end);
  }

  @Override
  public String toString() {
    return text;
  }
}
