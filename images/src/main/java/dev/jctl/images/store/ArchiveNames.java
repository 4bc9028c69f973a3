package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.reference.ImageReference;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Pure: names of images in archives, which may be full references, short ones, or bare tags. */
final class ArchiveNames {
  private ArchiveNames() {}

  static boolean same(String one, String other) {
    return one.equals(other) || canonical(one).equals(canonical(other));
  }

  /** A whole name; a bare tag says nothing of a repository. */
  static Optional<ImageReference> reference(String name) {
    if (!name.contains("/") && !name.contains(":")) {
      return Optional.empty();
    }
    try {
      return Optional.of(ImageReference.parse(name));
    } catch (ImageException notAReference) {
      return Optional.empty();
    }
  }

  /** As Docker shows it: without what it puts before a name that has no registry. */
  static @Nullable String familiar(String name) {
    return reference(name).isEmpty() ? null : name.replaceFirst("^docker\\.io/(library/)?", "");
  }

  private static String canonical(String name) {
    try {
      return ImageReference.parse(name).toString();
    } catch (ImageException notAReference) {
      return name;
    }
  }

  static ImageException unknown(String archive, String wanted, Collection<String> there) {
    return new ImageException(
        Reason.NOT_FOUND,
        "%s: holds no image \"%s\", but %s".formatted(archive, wanted, list(there)));
  }

  static ImageException several(String archive, Collection<String> there) {
    return new ImageException(
        Reason.INVALID_REFERENCE,
        "%s: holds several images; name one of %s".formatted(archive, list(there)));
  }

  private static String list(Collection<String> names) {
    return names.isEmpty()
        ? "none with a name"
        : names.stream().distinct().sorted().collect(Collectors.joining(", "));
  }
}
