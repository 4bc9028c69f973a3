package dev.jctl.cli.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What an instance holds of the machine, read from the kernel: mounts (which keep namespaces),
 * cgroups, links, the table of nftables with its elements, processes, and directories of objects.
 * Each is one line of text, so that two readings can be compared.
 */
record Traces(Path data, Path run, String instance) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern FIRST = Pattern.compile("NSpid:.*\\s1");

  /** Directories below the data directory with an entry for each object. */
  private static final List<String> OBJECT_DIRECTORIES =
      List.of(
          "containers",
          "sandboxes",
          "volumes",
          "volume-specs",
          "networks",
          "logs",
          "layers",
          "images/images",
          "images/blobs/sha256",
          "images/ingest");

  SortedSet<String> list() {
    SortedSet<String> all = new TreeSet<>();
    mounts().forEach(m -> all.add("mount " + m));
    objectCgroups().forEach(c -> all.add("cgroup " + c));
    links().forEach(l -> all.add("link " + l));
    elements().forEach(e -> all.add("nftables " + e));
    processes().forEach(p -> all.add("process " + p));
    Stream.concat(OBJECT_DIRECTORIES.stream().map(data::resolve), Stream.of(run.resolve("netns")))
        .flatMap(d -> entries(d).stream())
        .forEach(e -> all.add("file " + e));
    return all;
  }

  /** Without what is kept ready for the next ones. */
  SortedSet<String> inUse() {
    SortedSet<String> found = list();
    found.removeIf(trace -> trace.contains("/.prepared-"));
    return found;
  }

  /** Mount points below the two directories, the innermost first. */
  List<String> mounts() {
    List<String> found = new ArrayList<>();
    for (String line : lines(Path.of("/proc/self/mountinfo"))) {
      String point = line.split(" ", -1)[4];
      if (point.startsWith(data + "/") || point.startsWith(run + "/")) {
        found.addFirst(point);
      }
    }
    return found;
  }

  /** Directories of this instance in all hierarchies, the innermost first. */
  List<Path> cgroups() {
    List<Path> found = new ArrayList<>();
    for (String line : lines(Path.of("/proc/self/mountinfo"))) {
      if (line.contains(" - cgroup")) {
        Path ours = Path.of(line.split(" ", -1)[4], "jctl-" + instance);
        tree(ours).stream().filter(Files::isDirectory).forEach(found::addFirst);
      }
    }
    return found.stream().distinct().toList();
  }

  /**
   * Those of sandboxes and containers: the engine itself has a group in each hierarchy and one for
   * devices while it runs.
   */
  private List<Path> objectCgroups() {
    return cgroups().stream()
        .filter(c -> !c.endsWith("jctl-" + instance) && !c.endsWith("usual-devices"))
        .toList();
  }

  /** Names of the links whose alias says that they are this instance's. */
  List<String> links() {
    return linksOf("");
  }

  /** Those whose alias goes on after the instance with {@code owner}, as in {@code veth:UID:}. */
  List<String> linksOf(String owner) {
    List<String> found = new ArrayList<>();
    for (JsonNode link : json("ip", "-j", "link", "show")) {
      if (link.path("ifalias").asText().startsWith("jctl:" + instance + ":" + owner)) {
        found.add(link.path("ifname").asText());
      }
    }
    return found;
  }

  boolean hasTable() {
    return Host.run("nft", "list", "table", "inet", table()).code() == 0;
  }

  String table() {
    return "jctl_" + instance;
  }

  /** Elements of the sets and maps of the table; rules belong to the engine itself. */
  List<String> elements() {
    List<String> found = new ArrayList<>();
    if (!hasTable()) {
      return found;
    }
    for (JsonNode item : json("nft", "-j", "list", "table", "inet", table()).path("nftables")) {
      for (String kind : List.of("set", "map")) {
        for (JsonNode element : item.path(kind).path("elem")) {
          found.add(item.path(kind).path("name").asText() + " " + element);
        }
      }
    }
    return found;
  }

  /** Processes in a cgroup of this instance. */
  List<String> processes() {
    return processes(
        p -> String.join("\n", lines(p.resolve("cgroup"))).contains("/jctl-" + instance));
  }

  /** Processes whose command line names the data directory: the controller and the shim. */
  List<String> engineProcesses() {
    return processes(p -> commandLine(p).contains(data.toString()));
  }

  private static List<String> processes(Predicate<Path> wanted) {
    return entries(Path.of("/proc")).stream()
        .filter(p -> p.getFileName().toString().matches("\\d+"))
        .filter(
            p -> !p.getFileName().toString().equals(Long.toString(ProcessHandle.current().pid())))
        .filter(wanted)
        .map(p -> p.getFileName() + " " + commandLine(p))
        .toList();
  }

  private static String commandLine(Path process) {
    return String.join("\n", lines(process.resolve("cmdline"))).replace('\0', ' ');
  }

  /** Takes away by force all that is left, when an engine could not end itself. */
  void sweep() {
    Stream.concat(engineProcesses().stream(), processes().stream())
        .forEach(p -> Host.run("kill", "-KILL", p.substring(0, p.indexOf(' '))));
    mounts().forEach(m -> Host.run("umount", "-l", m));
    links().forEach(l -> Host.run("ip", "link", "del", l));
    if (hasTable()) {
      Host.run("nft", "delete", "table", "inet", table());
    }
    cgroups().forEach(c -> Host.run("rmdir", c.toString()));
  }

  /**
   * Process id on the host of the first process of a container, which is process 1 of its
   * namespace.
   */
  Optional<Integer> mainProcess(String container) {
    Pattern group =
        Pattern.compile("/jctl-" + instance + "/.*-" + Pattern.quote(container) + "-\\d+$");
    return processes(
            p ->
                lines(p.resolve("cgroup")).stream().anyMatch(l -> group.matcher(l).find())
                    && lines(p.resolve("status")).stream()
                        .anyMatch(l -> FIRST.matcher(l).matches()))
        .stream()
        .map(p -> Integer.valueOf(p.substring(0, p.indexOf(' '))))
        .findFirst();
  }

  private static JsonNode json(String... command) {
    try {
      return JSON.readTree(Host.run(command).ok().out());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lines of a file; none when it went away meanwhile. */
  private static List<String> lines(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).lines().toList();
    } catch (IOException gone) {
      return List.of();
    }
  }

  private static List<Path> entries(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.sorted().toList();
    } catch (IOException gone) {
      return List.of();
    }
  }

  /** The directory and all below it, the outermost first; as much as is there. */
  private static List<Path> tree(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>(List.of(directory));
    entries(directory).stream().filter(Files::isDirectory).forEach(d -> found.addAll(tree(d)));
    return found;
  }
}
