package dev.jctl.shim.log;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** Which output; a terminal has {@code STDOUT} only. */
public enum OutputStreamName {
  STDOUT("stdout"),
  STDERR("stderr");

  private final String text;

  OutputStreamName(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }

  byte[] bytes() {
    return text.getBytes(US_ASCII);
  }
}
