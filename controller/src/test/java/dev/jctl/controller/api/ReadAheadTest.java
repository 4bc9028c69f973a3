package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
  private static final int MANY = 100;

  private static byte[] piece(int number) {
    return Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
  }

  private static List<String> texts(Iterable<byte[]> pieces) {
    List<String> texts = new ArrayList<>();
    pieces.forEach(piece -> texts.add(new String(piece, StandardCharsets.US_ASCII)));
    return texts;
  }

  @Test
  void allPiecesComeInOrder() {
    ReadAhead ahead =
        new ReadAhead(full -> IntStream.range(0, MANY).forEach(i -> full.accept(piece(i))));
    assertThat(texts(ahead))
        .isEqualTo(IntStream.range(0, MANY).mapToObj(Integer::toString).toList());
  }

  @Test
  void nothingIsNothing() {
    assertThat(new ReadAhead(full -> {})).isEmpty();
  }

  @Test
  void whatIsReadIsThereBeforeTheRestIs() throws InterruptedException {
    CountDownLatch taken = new CountDownLatch(1);
    ReadAhead ahead =
        new ReadAhead(
            full -> {
              full.accept(piece(0));
              awaitTaken(taken);
              full.accept(piece(1));
            });
    Iterator<byte[]> pieces = ahead.iterator();
    assertThat(pieces.next()).isEqualTo(piece(0));
    taken.countDown();
    assertThat(pieces.next()).isEqualTo(piece(1));
    assertThat(pieces.hasNext()).isFalse();
  }

  private static void awaitTaken(CountDownLatch taken) {
    try {
      assertThat(taken.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whoTakesNothingDoesNotKeepItFromBeingReadForLong() throws InterruptedException {
    CountDownLatch read = new CountDownLatch(1);
    ReadAhead ahead =
        new ReadAhead(
            full -> {
              IntStream.range(0, MANY).forEach(i -> full.accept(piece(i)));
              read.countDown();
            });
    assertThat(read.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(texts(ahead)).hasSize(MANY);
  }

  @Test
  void aFailureAtOnceIsToldAtOnce() {
    assertThatThrownBy(
            () ->
                new ReadAhead(
                    full -> {
                      throw new IllegalStateException("no disk");
                    }))
        .hasMessage("no disk");
  }

  @Test
  void aLaterFailureIsToldAfterWhatWasRead() {
    ReadAhead ahead =
        new ReadAhead(
            full -> {
              full.accept(piece(0));
              throw new IllegalStateException("no disk");
            });
    Iterator<byte[]> pieces = ahead.iterator();
    assertThat(pieces.next()).isEqualTo(piece(0));
    assertThatThrownBy(pieces::next).hasMessage("no disk");
  }
}
