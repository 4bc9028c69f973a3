package dev.jctl.images.store;

import dev.jctl.images.ImageBuild.CopyRequest;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.LayerArchive;
import dev.jctl.images.LayerArchive.Entry;
import dev.jctl.images.content.BlobStore;
import dev.jctl.images.layer.EntryArchive;
import dev.jctl.images.layer.TarLayerArchive;
import dev.jctl.images.tree.CopyPlanner.Place;
import dev.jctl.images.tree.CopyPlanner.Planned;
import dev.jctl.images.tree.LayerTree;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Writes what was planned to be copied. Directories and links first, then files in the order of the
 * layers that they come from, so that each of these is read once.
 */
final class CopyWriter {
  private final BlobStore blobs;
  private final CopyRequest request;
  private final LayerTree onto;
  private final EntryArchive out;
  private final Map<Place, List<Map.Entry<String, Planned>>> wanted = new HashMap<>();

  CopyWriter(BlobStore blobs, CopyRequest request, LayerTree onto, EntryArchive out) {
    this.blobs = blobs;
    this.request = request;
    this.onto = onto;
    this.out = out;
  }

  void write(Map<String, Planned> plan) throws IOException {
    for (Map.Entry<String, Planned> one : plan.entrySet()) {
      switch (one.getValue()) {
        case Planned.Made made -> out.write(made.entry());
        case Planned.Text text -> {
          byte[] content = text.content().getBytes(StandardCharsets.UTF_8);
          out.write(
              new Entry.File(
                  one.getKey(),
                  text.attributes(),
                  content.length,
                  new ByteArrayInputStream(content)));
        }
        case Planned.Content content -> want(content.place(), one);
        case Planned.Archive archive -> want(archive.place(), one);
      }
    }
    for (int layer = 0; layer < request.from().size(); layer++) {
      int number = layer;
      if (wanted.keySet().stream().anyMatch(place -> place.layer() == number)) {
        contents(layer);
      }
    }
  }

  private void want(Place place, Map.Entry<String, Planned> target) {
    wanted.computeIfAbsent(place, p -> new ArrayList<>()).add(target);
  }

  private void contents(int layer) throws IOException {
    try (LayerArchive archive = StoreBuild.open(blobs, request.from().get(layer))) {
      for (int ordinal = 0; archive.hasNext(); ordinal++) {
        Entry entry = archive.next();
        List<Map.Entry<String, Planned>> targets = wanted.get(new Place(layer, ordinal));
        if (targets != null && entry instanceof Entry.File file) {
          content(file, targets);
        }
      }
    }
  }

  /** The first name has the content, the others are links to it. */
  private void content(Entry.File file, List<Map.Entry<String, Planned>> targets)
      throws IOException {
    String first = targets.getFirst().getKey();
    switch (targets.getFirst().getValue()) {
      case Planned.Content content ->
          out.write(new Entry.File(first, content.attributes(), file.size(), file.content()));
      case Planned.Archive archive -> unpack(file, parent(first));
      case Planned.Made made -> throw new IllegalStateException("it has no content: " + made);
      case Planned.Text text -> throw new IllegalStateException("it has its content: " + first);
    }
    for (Map.Entry<String, Planned> other : targets.subList(1, targets.size())) {
      out.write(new Entry.HardLink(other.getKey(), first));
    }
  }

  private void unpack(Entry.File file, String directory) throws IOException {
    Path scratch = blobs.scratch().resolve(UUID.randomUUID().toString());
    try {
      try (InputStream content = file.content()) {
        Files.copy(content, scratch);
      }
      try (TarLayerArchive archive =
          TarLayerArchive.openUnknown(request.what() + ": " + file.path(), scratch)) {
        while (archive.hasNext()) {
          unpacked(archive.next(), directory);
        }
      }
    } finally {
      Files.deleteIfExists(scratch);
    }
  }

  private void unpacked(Entry entry, String directory) throws IOException {
    if (entry.path().isEmpty()) {
      return; // the directory that it is unpacked into stays as it is
    }
    String path = place(directory, entry.path());
    switch (entry) {
      case Entry.Directory e -> out.write(new Entry.Directory(path, e.attributes()));
      case Entry.File e -> out.write(new Entry.File(path, e.attributes(), e.size(), e.content()));
      case Entry.Symlink e -> out.write(new Entry.Symlink(path, e.attributes(), e.target()));
      case Entry.HardLink e -> out.write(new Entry.HardLink(path, place(directory, e.target())));
      case Entry.Fifo e -> out.write(new Entry.Fifo(path, e.attributes()));
      case Entry.Device e ->
          out.write(new Entry.Device(path, e.attributes(), e.block(), e.major(), e.minor()));
      case Entry.Whiteout e -> marker(directory, e.path());
      case Entry.Opaque e -> marker(directory, e.path());
    }
  }

  private void marker(String directory, String path) {
    throw new ImageException(
        Reason.UNSUPPORTED,
        "%s: an archive of ADD with the whiteout %s/%s is a layer; load it as an image"
            .formatted(request.what(), directory, path));
  }

  private String place(String directory, String path) {
    String whole = directory.isEmpty() ? path : directory + "/" + path;
    String parent = onto.resolve(parent(whole));
    String name = whole.substring(whole.lastIndexOf('/') + 1);
    return parent.isEmpty() ? name : parent + "/" + name;
  }

  private static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }
}
