package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.LayerArchive;
import dev.jctl.images.LayerArchive.Attributes;
import dev.jctl.images.LayerArchive.Entry;
import dev.jctl.images.oci.JsonCursor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the operator lets no layer bring, whatever image it is of. Held to when a layer is opened to
 * be unpacked, so that nothing of it has run before.
 *
 * @param file for messages
 * @param noSetuid files that give their caller another user, group or capabilities are refused
 * @param noDevices device nodes are refused
 */
record LayerRules(String file, boolean noSetuid, boolean noDevices) {
  private static final int SET_ID = 06000;
  private static final String CAPABILITIES = "security.capability";

  /**
   * No file is no rule.
   *
   * @throws ImageException BAD_CONFIGURATION, naming the file and what is wrong in it
   */
  static LayerRules read(Path file) {
    try {
      JsonCursor root = JsonCursor.parse(file.toString(), Files.readAllBytes(file));
      root.allow("setuid", "devices");
      return new LayerRules(file.toString(), refuses(root, "setuid"), refuses(root, "devices"));
    } catch (NoSuchFileException e) {
      return new LayerRules(file.toString(), false, false);
    } catch (IOException e) {
      throw bad(file + " cannot be read: " + e.getMessage());
    } catch (ImageException e) {
      throw bad(String.valueOf(e.getMessage()));
    }
  }

  private static boolean refuses(JsonCursor root, String field) {
    return switch (root.field(field).map(JsonCursor::text).orElse("allow")) {
      case "allow" -> false;
      case "refuse" -> true;
      default -> throw bad(root.document() + ": " + field + ": expected allow or refuse");
    };
  }

  private static ImageException bad(String message) {
    return new ImageException(Reason.BAD_CONFIGURATION, message);
  }

  /**
   * The same entries up to the first that is refused, with HOSTILE_LAYER.
   *
   * @param layer for messages
   */
  LayerArchive held(String layer, LayerArchive archive) {
    return noSetuid || noDevices ? new Held(this, layer, archive) : archive;
  }

  private Optional<String> refusal(Entry entry) {
    return switch (entry) {
      case Entry.Device device -> noDevices ? Optional.of("is a device node") : Optional.empty();
      case Entry.File file -> noSetuid ? privilege(file.attributes()) : Optional.empty();
      case Entry.Directory _,
          Entry.Symlink _,
          Entry.HardLink _,
          Entry.Fifo _,
          Entry.Whiteout _,
          Entry.Opaque _ ->
          Optional.empty();
    };
  }

  private static Optional<String> privilege(Attributes attributes) {
    if ((attributes.mode() & SET_ID) != 0) {
      return Optional.of("has mode " + Integer.toOctalString(attributes.mode()));
    }
    return attributes.xattrs().containsKey(CAPABILITIES)
        ? Optional.of("has capabilities")
        : Optional.empty();
  }

  private record Held(LayerRules rules, String layer, LayerArchive archive)
      implements LayerArchive {
    @Override
    public boolean hasNext() {
      return archive.hasNext();
    }

    @Override
    public Entry next() {
      Entry entry = archive.next();
      rules
          .refusal(entry)
          .ifPresent(
              why -> {
                throw new ImageException(
                    Reason.HOSTILE_LAYER,
                    "%s: %s %s, which %s refuses"
                        .formatted(layer, entry.path(), why, rules.file()));
              });
      return entry;
    }

    @Override
    public void close() {
      archive.close();
    }
  }
}
