package dev.jctl.shim.command;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the usual commands, so that the JVM can write an AOT cache of the classes that they load. A
 * build runs it once; nobody else does. Argument: a bundle.
 */
public final class TrainingMain {
  private TrainingMain() {}

  public static void main(String[] arguments) throws IOException {
    Path bundle = Path.of(arguments[0]);
    Path root = Files.createTempDirectory(bundle, "root");
    try (PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      for (List<String> command :
          List.of(
              List.of("--version"),
              List.of("features"),
              List.of("create", "--bundle", bundle.toString(), "training"),
              List.of("state", "training"),
              List.of("start", "training"),
              List.of("exec", "training", "/busybox", "true"),
              List.of("ps", "--format", "json", "training"),
              List.of("events", "--stats", "training"),
              List.of("list"),
              List.of("kill", "training", "KILL"),
              List.of("delete", "--force", "training"),
              List.of("run", "--detach", "--bundle", bundle.toString(), "detached"),
              List.of("delete", "--force", "detached"))) {
        List<String> words = new ArrayList<>(List.of("--root", root.toString()));
        words.addAll(command);
        JshimMain.run(words, nowhere, nowhere);
      }
    }
  }
}
