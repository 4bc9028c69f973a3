package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore.ArchivedImage;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.content.StorageFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An image in an archive, whose kind is found by what is in it. */
record ImageArchive(Path path, @Nullable String name, TrustCheck trust) {
  private static final String OCI_INDEX = "index.json";
  private static final String DOCKER_MANIFEST = "manifest.json";

  StoredImage load(ImageImport into, Path scratch) {
    return read(scratch, layout -> layout.load(trust, into), docker -> docker.load(trust, into));
  }

  List<ArchivedImage> images(Path scratch) {
    return read(scratch, OciLayout::images, DockerArchive::images);
  }

  private interface Reading<A, T> {
    T read(A archive) throws IOException;
  }

  private <T> T read(Path scratch, Reading<OciLayout, T> layout, Reading<DockerArchive, T> docker) {
    try (ArchiveFiles files = ArchiveFiles.open(path, scratch)) {
      // current docker save writes both; the OCI side says more
      if (files.size(OCI_INDEX).isPresent()) {
        return layout.read(new OciLayout(path, files, name));
      }
      if (files.size(DOCKER_MANIFEST).isPresent()) {
        return docker.read(new DockerArchive(path, files, name));
      }
      throw new ImageException(
          Reason.CORRUPT,
          subject()
              + ": neither an OCI layout (index.json) nor a docker-archive (manifest.json);"
              + " a plain root file system is loaded as rootfs");
    } catch (IOException e) {
      throw StorageFailure.of(subject(), e);
    }
  }

  private String subject() {
    return "archive " + path;
  }
}
