package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalSizeTest {
  /** As kubectl and as the official client for JavaScript write it. */
  @ParameterizedTest
  @ValueSource(strings = {"{\"Width\":99,\"Height\":33}", "{\"height\":33,\"width\":99}"})
  void theCaseOfItsNamesDoesNotMatter(String text) throws IOException {
    byte[] message = ("\u0004" + text).getBytes(StandardCharsets.UTF_8);
    assertThat(TerminalSize.parse(message, 1, message.length - 1))
        .contains(new TerminalSize(99, 33));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "{\"Width\":0,\"Height\":33}", "{\"Width\":99}", "[1]"})
  void whatHasNoSizeIsNone(String text) throws IOException {
    byte[] message = text.getBytes(StandardCharsets.UTF_8);
    assertThat(TerminalSize.parse(message, 0, message.length)).isEmpty();
  }
}
