package dev.jctl.controller.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The log files of one container: {@code N.log} of its attempt N, and {@code N.log.<stamp>} for
 * what was rotated away, oldest first by name.
 */
record LogFiles(Path directory) {
  private static final Pattern NAME = Pattern.compile("([0-9]{1,9})\\.log(\\.[0-9TZ:.-]+)?");

  /** Attempts with a log, in order. */
  List<Integer> attempts() {
    TreeSet<Integer> attempts = new TreeSet<>();
    for (Path file : list()) {
      Matcher name = NAME.matcher(file.getFileName().toString());
      if (name.matches()) {
        attempts.add(Integer.valueOf(name.group(1)));
      }
    }
    return List.copyOf(attempts);
  }

  /** Oldest first; the last is the one that is written. */
  List<Path> of(int attempt) {
    Path current = directory.resolve(attempt + ".log");
    List<Path> files = new ArrayList<>();
    for (Path file : list()) {
      String name = file.getFileName().toString();
      if (NAME.matcher(name).matches() && name.startsWith(attempt + ".log.")) {
        files.add(file);
      }
    }
    files.sort(Comparator.comparing(file -> file.getFileName().toString()));
    if (Files.exists(current)) {
      files.add(current);
    }
    return files;
  }

  private List<Path> list() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + directory, e);
    }
  }
}
