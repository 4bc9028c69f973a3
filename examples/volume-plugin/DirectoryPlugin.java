import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A volume plug-in of jctl in one file: each volume is a directory below the one it is given.
 *
 * <pre>java DirectoryPlugin.java SOCKET DIRECTORY</pre>
 */
public final class DirectoryPlugin {
  private static final int MOST_BYTES = 64 << 10;
  private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *(\\d+)");

  private final Path directory;

  private DirectoryPlugin(Path directory) {
    this.directory = directory;
  }

  public static void main(String[] args) throws IOException {
    Path socket = Path.of(args[0]);
    Files.deleteIfExists(socket);
    DirectoryPlugin plugin = new DirectoryPlugin(Files.createDirectories(Path.of(args[1])));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      while (true) {
        SocketChannel client = server.accept();
        Thread.ofVirtual().start(() -> plugin.serve(client));
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      String request = read(client);
      String call = request.split(" ", 3)[1].replaceFirst("^/v1/", "");
      String answer;
      int status = 200;
      try {
        answer = answer(call, request);
      } catch (IOException | InterruptedException | IllegalArgumentException e) {
        status = 500;
        answer = "{\"error\":\"" + e.getMessage().replaceAll("[\"\\\\\\p{Cntrl}]", " ") + "\"}";
      }
      String head = "HTTP/1.0 %d -\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n";
      byte[] body = answer.getBytes(StandardCharsets.UTF_8);
      client.write(ByteBuffer.wrap(head.formatted(status, body.length).getBytes()));
      client.write(ByteBuffer.wrap(body));
    } catch (IOException e) {
      System.err.println("a request failed: " + e);
    }
  }

  /** Each may come again, as who asked may not have seen the answer. */
  private String answer(String call, String request) throws IOException, InterruptedException {
    switch (call) {
      case "capabilities" -> {
        return "{\"capacity\":false}";
      }
      case "create" -> Files.createDirectories(volume(request));
      case "mount" -> run("mount", "--bind", volume(request).toString(), field(request, "target"));
      case "unmount" -> run("umount", field(request, "target"));
      case "remove" -> delete(volume(request));
      default -> throw new IllegalArgumentException("there is no call " + call);
    }
    return "{}";
  }

  private Path volume(String request) {
    return directory.resolve(field(request, "id"));
  }

  /** What is asked for holds neither quotes nor backslashes. */
  private static String field(String request, String name) {
    Matcher field = Pattern.compile("\"" + name + "\":\"([^\"\\\\]+)\"").matcher(request);
    if (!field.find()) {
      throw new IllegalArgumentException("the request has no " + name);
    }
    return field.group(1);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(List.of(command) + " failed: " + words);
    }
  }

  private static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static String read(SocketChannel client) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(MOST_BYTES);
    while (buffer.hasRemaining() && client.read(buffer) >= 0) {
      String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
      int end = text.indexOf("\r\n\r\n");
      Matcher length = LENGTH.matcher(text);
      if (end > 0 && length.find() && text.length() - end - 4 >= Integer.parseInt(length.group(1))) {
        return text;
      }
    }
    throw new IOException("no whole request");
  }
}
