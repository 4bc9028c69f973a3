package dev.jctl.shim.plan;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Numbers of system calls, by name, of programs for other machines that an x86-64 runs as well. */
enum ForeignSyscalls {
  /** 32-bit programs. */
  X86(1, 0),
  /** Programs with short pointers; theirs have a bit of their own. */
  X32(2, 0x4000_0000);

  private final int column;
  private final int bit;

  ForeignSyscalls(int column, int bit) {
    this.column = column;
    this.bit = bit;
  }

  /** As seccomp profiles name the architecture. */
  String architecture() {
    return "SCMP_ARCH_" + name();
  }

  Map<String, Integer> numbers() {
    Map<String, Integer> numbers = new HashMap<>();
    try (InputStream table = ForeignSyscalls.class.getResourceAsStream("foreign-syscalls.txt")) {
      new String(Objects.requireNonNull(table).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(" "))
          .filter(words -> !words[column].equals("-"))
          .forEach(words -> numbers.put(words[0], Integer.parseInt(words[column]) | bit));
    } catch (IOException e) {
      throw new UncheckedIOException("foreign-syscalls.txt", e);
    }
    return numbers;
  }
}
