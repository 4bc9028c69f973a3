package dev.jctl.shim.cgroup;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Groups as directories, and what is written to and read from the files in them. */
final class GroupFiles {
  private static final Duration EMPTYING = Duration.ofSeconds(5);

  private GroupFiles() {}

  // --- directories

  /** Whether it was not there. */
  static boolean makeDirectory(Path directory) {
    try {
      Files.createDirectory(directory);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (NoSuchFileException e) {
      Path above = directory.getParent();
      if (above == null) {
        throw failure("mkdir " + directory, e);
      }
      makeDirectory(above);
      return makeDirectory(directory);
    } catch (IOException e) {
      throw failure("mkdir " + directory, e);
    }
  }

  static void rename(Path group, Path name) {
    try {
      Files.move(group, name, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failure("rename " + group + " to " + name, e);
    }
  }

  static List<Path> children(Path group) {
    try (Stream<Path> entries = Files.list(group)) {
      return entries.filter(Files::isDirectory).toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** A no-op for what is gone. Waits a little for processes that are just ending. */
  static void remove(Path group) {
    if (goneAtOnce(group)) {
      return;
    }
    children(group).forEach(GroupFiles::remove);
    long deadline = System.nanoTime() + EMPTYING.toNanos();
    long pauseMillis = 1;
    while (!removed(group)) {
      if (System.nanoTime() > deadline) {
        throw new RuntimeFailure(
            Reason.KERNEL, "rmdir " + group + ": its processes do not end: " + procs(group));
      }
      pause(pauseMillis);
      pauseMillis = Math.min(50, pauseMillis * 2);
    }
  }

  /** As nearly all are: looking for children costs more than trying. */
  private static boolean goneAtOnce(Path group) {
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (IOException inUse) {
      return false;
    }
  }

  private static String procs(Path group) {
    try {
      return Files.readString(group.resolve("cgroup.procs")).replace('\n', ' ').strip();
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** False: still busy. */
  private static boolean removed(Path group) {
    try {
      Files.delete(group);
      return true;
    } catch (NoSuchFileException gone) {
      return true;
    } catch (DirectoryNotEmptyException e) {
      throw failure("rmdir " + group, e);
    } catch (IOException busy) {
      return false;
    }
  }

  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RuntimeFailure(Reason.TIMEOUT, "interrupted while waiting for cgroups", e);
    }
  }

  // --- contents

  static Set<String> words(Path file) {
    try {
      return Set.of(Files.readString(file).strip().split("\\s+"));
    } catch (IOException e) {
      return Set.of();
    }
  }

  static void fill(Path group, List<LimitFiles.Write> writes) {
    makeDirectory(group);
    writes.forEach(write -> put(group, write));
  }

  static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw failure("read " + file, e);
    }
  }

  static void put(Path group, LimitFiles.Write write) {
    Path file = group.resolve(write.file());
    // weights of v1 are the BFQ scheduler's today, which has a name of its own
    Path bfq = group.resolve(write.file().replaceFirst("^blkio\\.weight", "blkio.bfq.weight"));
    put(bfq.equals(file) || Files.exists(file) ? file : bfq, write.value());
  }

  static void put(Path file, String value) {
    try {
      Files.writeString(file, value);
    } catch (IOException e) {
      throw failure("write " + value + " to " + file, e);
    }
  }

  static long number(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }

  /** The number behind {@code name} in a file of {@code name number} lines; 0 when absent. */
  static long field(String text, String name) {
    return text.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1).strip()))
        .findFirst()
        .orElse(0);
  }

  static RuntimeFailure failure(String what, IOException cause) {
    return new RuntimeFailure(Reason.KERNEL, what + ": " + cause.getMessage(), cause);
  }
}
