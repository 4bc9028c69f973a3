package dev.jctl.manifests.schema;

/** How {@link FieldError#path} is written; the root is the empty path. */
public final class FieldPath {
  private FieldPath() {}

  /** {@code metadata.labels.app}, but {@code metadata.labels[example.com/app]}. */
  public static String child(String parent, String name) {
    if (!isPlain(name)) {
      return parent + "[" + name + "]";
    }
    return parent.isEmpty() ? name : parent + "." + name;
  }

  public static String index(String parent, int index) {
    return parent + "[" + index + "]";
  }

  private static boolean isPlain(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (!isPlain(name.charAt(i))) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  private static boolean isPlain(char c) {
    return c == '-'
        || c == '_'
        || c == '$'
        || (c >= '0' && c <= '9')
        || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z');
  }
}
