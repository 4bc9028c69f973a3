package dev.jctl.controller.plan;

import dev.jctl.manifests.codec.ManifestException;
import dev.jctl.manifests.codec.ManifestReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code jctl plan --syscalls -f FILE...}: prints the syscall programs of the manifests'
 * containers. Runs nothing and needs neither root nor an engine. Exit codes: 1 for bad manifests, 2
 * for bad arguments.
 */
public final class PlanMain {
  /** As of the other commands: a manifest is wrong. */
  private static final int BAD_MANIFEST = 3;

  private PlanMain() {}

  public static void main(String[] arguments) throws IOException {
    List<String> files = files(List.of(arguments));
    if (files.isEmpty()) {
      System.err.println("error: must specify -f with a manifest file or directory");
      System.exit(2);
    }
    int depth =
        List.of(arguments).contains("-R") || List.of(arguments).contains("--recursive")
            ? Integer.MAX_VALUE
            : 1;
    try {
      List<ManifestReader.Source> sources = new ArrayList<>();
      for (String file : files) {
        sources.addAll(sources(file, depth));
      }
      SyscallPlan.lines(ManifestReader.readAll(sources)).forEach(System.out::println);
    } catch (ManifestException e) {
      e.errors().forEach(line -> System.err.println("error: " + line));
      System.exit(BAD_MANIFEST);
    } catch (IOException e) {
      System.err.println("error: " + e.getMessage() + ": cannot be read");
      System.exit(1);
    }
  }

  private static List<String> files(List<String> arguments) {
    List<String> files = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if ((argument.equals("-f") || argument.equals("--filename")) && i + 1 < arguments.size()) {
        files.add(arguments.get(++i));
      } else if (argument.startsWith("--filename=")) {
        files.add(argument.substring("--filename=".length()));
      } else if (argument.startsWith("-f") && argument.length() > 2) {
        files.add(argument.substring(2));
      }
    }
    return files;
  }

  private static List<ManifestReader.Source> sources(String name, int depth) throws IOException {
    if (name.equals("-")) {
      return List.of(
          new ManifestReader.Source(
              "<stdin>", new String(System.in.readAllBytes(), StandardCharsets.UTF_8)));
    }
    List<ManifestReader.Source> sources = new ArrayList<>();
    try (Stream<Path> found = Files.walk(Path.of(name), depth)) {
      for (Path file : found.filter(f -> isManifest(f, name)).sorted().toList()) {
        sources.add(new ManifestReader.Source(file.toString(), Files.readString(file)));
      }
    }
    return sources;
  }

  private static boolean isManifest(Path file, String named) {
    return Files.isRegularFile(file)
        && (file.toString().equals(named) || file.toString().matches(".*\\.(yaml|yml|json)"));
  }
}
