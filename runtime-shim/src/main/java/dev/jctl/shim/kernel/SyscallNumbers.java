package dev.jctl.shim.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Numbers of system calls by name, for the two architectures that are supported.
 *
 * @see <a
 *     href="https://github.com/torvalds/linux/blob/master/arch/x86/entry/syscalls/syscall_64.tbl">syscall_64.tbl</a>
 */
public final class SyscallNumbers {
  private static final Map<String, Integer> NUMBERS = read(System.getProperty("os.arch"));

  private SyscallNumbers() {}

  private static Map<String, Integer> read(String architecture) {
    int column = architecture.equals("aarch64") ? 2 : 1;
    Map<String, Integer> numbers = new HashMap<>();
    try (InputStream table = SyscallNumbers.class.getResourceAsStream("syscalls.txt")) {
      new String(Objects.requireNonNull(table).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(" "))
          .filter(words -> !words[column].equals("-"))
          .forEach(words -> numbers.put(words[0], Integer.parseInt(words[column])));
    } catch (IOException e) {
      throw new UncheckedIOException("syscalls.txt", e);
    }
    // looked up two hundred times for a start, which an immutable map takes longer for
    return Collections.unmodifiableMap(numbers);
  }

  /** Those of this machine. */
  public static Map<String, Integer> all() {
    return NUMBERS;
  }

  public static int of(String name) {
    Integer number = NUMBERS.get(name);
    if (number == null) {
      throw new IllegalArgumentException("system call " + name + " is not in the table");
    }
    return number;
  }
}
