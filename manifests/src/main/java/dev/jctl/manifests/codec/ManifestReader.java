package dev.jctl.manifests.codec;

import dev.jctl.manifests.codec.ManifestDocument.Position;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Manifest text to documents: YAML or JSON, several documents a text, lists taken apart, each held
 * against the schema and the rules of its kind. Pure: files are read by the caller.
 */
public final class ManifestReader {
  private ManifestReader() {}

  /**
   * One text with its name for messages.
   *
   * @param name {@code file.yaml}, or {@code <stdin>}
   */
  public record Source(String name, String text) {}

  /** The objects of one text in order; documents that are empty are left out. */
  public static List<ManifestDocument> read(String name, String text) {
    return readAll(List.of(new Source(name, text)));
  }

  /**
   * The objects of all texts, or none.
   *
   * @throws ManifestException with the errors of all texts
   */
  public static List<ManifestDocument> readAll(List<Source> sources) {
    Errors errors = new Errors();
    List<ManifestDocument> documents = read(sources, DocumentReader.Check.ALL, errors);
    errors.throwIfAny();
    return documents;
  }

  /**
   * As {@link #readAll}, but not held against schemas and rules: for who sends them to a server
   * that does, and asks {@link #readAll} what is wrong where when they are refused. Loading schemas
   * takes a tenth of a command's time.
   *
   * @throws ManifestException with all errors when any is no object of a known kind with a name
   */
  public static List<ManifestDocument> readUnchecked(List<Source> sources) {
    Errors errors = new Errors();
    List<ManifestDocument> documents = read(sources, DocumentReader.Check.NAMES, errors);
    return errors.any() ? readAll(sources) : documents;
  }

  private static List<ManifestDocument> read(
      List<Source> sources, DocumentReader.Check check, Errors errors) {
    List<ManifestDocument> documents = new ArrayList<>();
    for (Source source : sources) {
      read(source, new DocumentReader(source.name(), documents, errors, check), errors);
      errors.endOfSource();
    }
    return List.copyOf(documents);
  }

  private static void read(Source source, DocumentReader reader, Errors errors) {
    if (source.text().length() > Limits.MAX_CHARS) {
      String message = "larger than " + Limits.MAX_CHARS + " characters; split the manifest";
      errors.add(source.name(), new Position(1, 1), message);
      return;
    }
    YamlDocuments.Parsed parsed = parse(withoutByteOrderMark(source.text()));
    parsed.documents().forEach(reader::read);
    for (TextError e : parsed.errors()) {
      errors.add(source.name(), e.position(), String.valueOf(e.getMessage()));
    }
  }

  private static YamlDocuments.Parsed parse(String text) {
    return JsonDocuments.parse(text).orElseGet(() -> YamlDocuments.parse(text));
  }

  private static String withoutByteOrderMark(String text) {
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  /** Collects, up to {@link Limits#MAX_ERRORS}; those of a text in the order of the text. */
  static final class Errors {
    private record Line(Position at, String text) {}

    private final List<String> lines = new ArrayList<>();
    private final List<Line> ofSource = new ArrayList<>();
    private int leftOut;

    void add(String source, Position at, String message) {
      ofSource.add(new Line(at, source + ":" + at.line() + ":" + at.column() + ": " + message));
    }

    /** Counts errors that are not looked at closer. */
    void leftOut(int count) {
      leftOut += count;
    }

    void endOfSource() {
      if (ofSource.isEmpty()) {
        return;
      }
      ofSource.sort(
          Comparator.comparingInt((Line l) -> l.at().line())
              .thenComparingInt(l -> l.at().column()));
      ofSource.forEach(line -> lines.add(line.text()));
      ofSource.clear();
    }

    boolean any() {
      return leftOut > 0 || !lines.isEmpty();
    }

    void throwIfAny() {
      if (lines.size() > Limits.MAX_ERRORS) {
        List<String> rest = lines.subList(Limits.MAX_ERRORS, lines.size());
        leftOut += rest.size();
        rest.clear();
      }
      if (leftOut > 0) {
        lines.add("and " + leftOut + " more errors");
      }
      if (!lines.isEmpty()) {
        throw new ManifestException(lines);
      }
    }
  }
}
