package dev.jctl.shim.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generated output, cut off at generated points, against what was put in. */
final class LogJournalTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path directory;
  private final LogJournal.Buffers buffers = new LogJournal.Buffers();

  private Path log() {
    return directory.resolve("logs/0.log");
  }

  private LogJournal open(long maxBytes, int maxFiles) throws IOException {
    return LogJournal.open(directory, log(), new LogJournal.Limits(maxBytes, maxFiles), buffers);
  }

  private static void put(LogJournal journal, OutputStreamName stream, byte[] bytes)
      throws IOException {
    journal.put(stream, ByteBuffer.wrap(bytes), journal.spoolSize(stream));
    journal.spooled(stream, bytes.length);
  }

  /** Content of the stream again, from all its log files in order. */
  private String read(OutputStreamName stream) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path file : files()) {
      for (String line : Files.readString(file).split("\n", -1)) {
        String[] words = line.split(" ", 4);
        if (words.length == 4 && words[1].equals(stream.text())) {
          text.append(words[3]).append(words[2].equals("F") ? "\n" : "");
        }
      }
    }
    return text.toString();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(log().getParent())) {
      List<Path> rotated = new ArrayList<>(files.filter(f -> !f.equals(log())).sorted().toList());
      rotated.add(log());
      return rotated;
    }
  }

  private static String chunk(Random random, int serial) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(40); i >= 0; i--) {
      text.append(serial).append('.').append(i).append(' ');
      text.append("x".repeat(random.nextInt(10) == 0 ? random.nextInt(50_000) : 5));
      text.append(random.nextInt(4) == 0 ? "" : "\n");
    }
    return text.toString();
  }

  @Test
  void everyByteIsThereOnceWhereverItWasInterrupted() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<StringBuilder> expected = List.of(new StringBuilder(), new StringBuilder());
    for (int life = 0; life < 40; life++) {
      LogJournal journal = open(1 << 20, 1000);
      for (int turn = random.nextInt(4); turn >= 0; turn--) {
        OutputStreamName stream =
            random.nextBoolean() ? OutputStreamName.STDOUT : OutputStreamName.STDERR;
        String text = chunk(random, life);
        expected.get(stream == OutputStreamName.STDOUT ? 0 : 1).append(text);
        put(journal, stream, text.getBytes(UTF_8));
        if (turn > 0 || random.nextBoolean()) {
          journal.write(stream, START.plusMillis(life), false);
        }
      }
      // killed: the announced batch may be in the log in part, or not at all
      cutAnnounced(random);
    }
    LogJournal journal = open(1 << 20, 1000);
    for (OutputStreamName stream : OutputStreamName.values()) {
      journal.write(stream, START, true);
    }
    journal.close();
    for (OutputStreamName stream : OutputStreamName.values()) {
      String text = expected.get(stream == OutputStreamName.STDOUT ? 0 : 1).toString();
      assertThat(read(stream)).as("seed %d", seed).isEqualTo(text.isEmpty() ? "" : closed(text));
    }
  }

  private static String closed(String text) {
    return text.endsWith("\n") ? text : text + "\n";
  }

  private void cutAnnounced(Random random) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(directory.resolve("log.commit")));
    long isFinal = Commit.decode(bytes).orElseThrow().logLength();
    try (FileChannel file = FileChannel.open(log(), StandardOpenOption.WRITE)) {
      file.truncate(isFinal + random.nextLong(file.size() - isFinal + 1));
    }
  }

  @Test
  void anInterruptedBatchIsWrittenAgainAsItWas() throws IOException {
    LogJournal journal = open(1 << 20, 5);
    put(journal, OutputStreamName.STDOUT, "one\ntwo\n".getBytes(UTF_8));
    journal.write(OutputStreamName.STDOUT, START, false);
    String before = Files.readString(log());
    try (FileChannel file = FileChannel.open(log(), StandardOpenOption.WRITE)) {
      file.truncate(10);
    }
    open(1 << 20, 5).close();
    assertThat(log()).hasContent(before);
  }

  @Test
  void fullLogsAreRotatedAndOldOnesRemoved() throws IOException {
    LogJournal journal = open(1000, 3);
    for (int i = 0; i < 100; i++) {
      put(journal, OutputStreamName.STDOUT, ("line " + i + "\n").getBytes(UTF_8));
      journal.write(OutputStreamName.STDOUT, START, false);
    }
    journal.close();
    assertThat(files()).hasSize(3);
    assertThat(read(OutputStreamName.STDOUT)).endsWith("line 98\nline 99\n");
  }
}
