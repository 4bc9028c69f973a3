package dev.jctl.manifests.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * What Kubernetes says of its types and their fields: the comments in the sources of the Fabric8
 * model, which its authors made of Kubernetes' OpenAPI. Of the build alone.
 */
final class KubernetesDocs implements AutoCloseable {
  private static final Pattern GETTER =
      Pattern.compile("/\\*\\*\n((?: +\\*(?!/).*\n)+) +\\*/\n +@JsonProperty\\(\"([^\"]+)\"\\)");

  private static final Pattern CLASS = Pattern.compile("/\\*\\*\n((?: \\*(?!/).*\n)+) \\*/\n@");

  /** Under this name is what is said of the type itself. */
  private static final String ITSELF = "";

  private final ZipFile sources;
  private final Map<Class<?>, Map<String, String>> read = new HashMap<>();

  /** {@code sources}: the jar. */
  KubernetesDocs(Path sources) throws IOException {
    this.sources = new ZipFile(sources.toFile());
  }

  /** Empty: it is none of theirs, or nothing is said of it. */
  String of(Class<?> type, String field) {
    return read.computeIfAbsent(type, this::read).getOrDefault(field, "");
  }

  String of(Class<?> type) {
    return of(type, ITSELF);
  }

  private Map<String, String> read(Class<?> type) {
    ZipEntry file = sources.getEntry(type.getName().replace('.', '/') + ".java");
    if (file == null) {
      return Map.of();
    }
    try (InputStream in = sources.getInputStream(file)) {
      return docs(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> docs(String source) {
    Matcher type = CLASS.matcher(source);
    String ofType = type.find() ? text(type.group(1)) : "";
    Map<String, String> docs = new HashMap<>(Map.of(ITSELF, ofType));
    Matcher getter = GETTER.matcher(source);
    while (getter.find()) {
      String doc = text(getter.group(1));
      // where the field's own is not known the model says that of the type again
      docs.putIfAbsent(getter.group(2), doc.equals(ofType) ? "" : doc);
    }
    return docs;
  }

  /** Of a comment in HTML. */
  private static String text(String comment) {
    return comment
        .replaceAll("(?m)^ +\\* ?", "")
        .replaceAll("\\{@(?:code|link) ([^}]*)}", "$1")
        .replaceAll("\\s*<(?:br|p)>\\s*(?:<p>\\s*)?", "\n")
        .replaceAll("</?[a-z]+>", "")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#42;", "*")
        .replace("&amp;", "&")
        .strip();
  }

  @Override
  public void close() throws IOException {
    sources.close();
  }
}
