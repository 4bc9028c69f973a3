package dev.jctl.cli.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A copy of one of the examples that can run beside others: its subnet and its port are ones that
 * are free on this machine.
 *
 * @param port in place of 8080
 */
record Example(Path directory, int port) {

  static Example copy(Path from, Path to) throws IOException {
    Example example = new Example(to.resolve(from.getFileName()), Host.freePort());
    String subnet = Host.freeSubnet();
    Files.createDirectories(example.directory);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        String text =
            Files.readString(file)
                .replace("10.90.0.", subnet + ".")
                .replace("8080", Integer.toString(example.port));
        Files.writeString(example.directory.resolve(file.getFileName()), text);
      }
    }
    return example;
  }

  String path() {
    return directory.toString();
  }

  String url() {
    return "http://127.0.0.1:" + port + "/";
  }
}
