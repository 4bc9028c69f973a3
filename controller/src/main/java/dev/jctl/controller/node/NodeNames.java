package dev.jctl.controller.node;

import java.util.Locale;

/** The Node's name, as kubelet makes it. */
public final class NodeNames {
  private static final String FALLBACK = "localhost";

  private NodeNames() {}

  /** A host name in the form of an object's name. */
  public static String of(String hostName) {
    String name =
        hostName
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9.-]", "-")
            .replaceAll("[-.]*\\.[-.]*", ".")
            .replaceAll("^[-.]+|[-.]+$", "");
    return name.isEmpty() ? FALLBACK : name;
  }
}
