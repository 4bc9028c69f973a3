package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.io.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What is known of containers, a directory for each below {@code --root}. */
record StateDirectories(Path root) {
  /** As in runc and crun. */
  private static final String ID = "[A-Za-z0-9_+.-]{1,1024}";

  private Path of(String id) {
    if (!id.matches(ID) || id.equals(".") || id.equals("..")) {
      throw new RuntimeFailure(
          Reason.INVALID,
          "container id \"" + id + "\" must consist of letters, digits and any of _+.-");
    }
    return root.resolve(id);
  }

  /** Takes an id that is free. */
  Directory reserve(String id) {
    Path directory = of(id);
    var onlyOurs =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    try {
      Files.createDirectories(root, onlyOurs);
      Files.createDirectory(directory, onlyOurs);
    } catch (FileAlreadyExistsException e) {
      throw new RuntimeFailure(
          Reason.ALREADY_EXISTS, "container \"" + id + "\" already exists in " + root, e);
    } catch (IOException e) {
      throw new UncheckedIOException("make " + directory, e);
    }
    return new Directory(id, directory);
  }

  Directory existing(String id) {
    return find(id)
        .orElseThrow(
            () ->
                new RuntimeFailure(
                    Reason.NOT_FOUND, "container \"" + id + "\" does not exist in " + root));
  }

  Optional<Directory> find(String id) {
    Path directory = of(id);
    return Files.isDirectory(directory)
        ? Optional.of(new Directory(id, directory))
        : Optional.empty();
  }

  List<Directory> all() {
    try (Stream<Path> entries = Files.list(root)) {
      return entries
          .filter(Files::isDirectory)
          .sorted()
          .map(path -> new Directory(path.getFileName().toString(), path))
          .toList();
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("list " + root, e);
    }
  }

  /** Of one container. */
  record Directory(String id, Path path) {
    /** Where its process waits; gone once it was started. */
    Path fifo() {
      return path.resolve("start");
    }

    private Path stateFile() {
      return path.resolve("state.json");
    }

    private Path configFile() {
      return path.resolve("config.json");
    }

    /**
     * @return the lock; closing it releases it
     */
    FileChannel lock() {
      try {
        FileChannel channel =
            FileChannel.open(
                path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        channel.lock();
        return channel;
      } catch (NoSuchFileException e) {
        throw new RuntimeFailure(Reason.NOT_FOUND, "container \"" + id + "\" does not exist", e);
      } catch (IOException e) {
        throw new UncheckedIOException("lock " + path, e);
      }
    }

    Optional<ContainerState> state() {
      try {
        return Optional.of(
            ContainerState.parse(stateFile().toString(), Files.readString(stateFile())));
      } catch (NoSuchFileException none) {
        return Optional.empty();
      } catch (IOException e) {
        throw new UncheckedIOException("read " + stateFile(), e);
      }
    }

    void write(ContainerState state) {
      Path aside = path.resolve("state.json.new");
      try {
        Files.writeString(aside, state.text());
        Files.move(aside, stateFile(), StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        throw new UncheckedIOException("write " + stateFile(), e);
      }
    }

    void writeConfig(String text) {
      try {
        Files.writeString(configFile(), text);
      } catch (IOException e) {
        throw new UncheckedIOException("write " + configFile(), e);
      }
    }

    /** As it was when the container was made. */
    Bundle config(Path bundle) {
      try {
        return Bundle.parse(bundle, configFile().toString(), Files.readString(configFile()));
      } catch (IOException e) {
        throw new UncheckedIOException("read " + configFile(), e);
      }
    }

    void delete() {
      try {
        Trees.delete(path);
      } catch (IOException e) {
        throw new UncheckedIOException("delete " + path, e);
      }
    }
  }
}
