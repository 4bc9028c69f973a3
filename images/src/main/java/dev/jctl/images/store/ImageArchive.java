package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.content.StorageFailure;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An image in an archive, whose kind is found by what is in it. */
record ImageArchive(Path path, @Nullable String name, TrustCheck trust) {
  private static final String OCI_INDEX = "index.json";
  private static final String DOCKER_MANIFEST = "manifest.json";

  StoredImage load(ImageImport into, Path scratch) {
    try (ArchiveFiles files = ArchiveFiles.open(path, scratch)) {
      // current docker save writes both; the OCI side says more
      if (files.size(OCI_INDEX).isPresent()) {
        return new OciLayout(path, files, name).load(trust, into);
      }
      if (files.size(DOCKER_MANIFEST).isPresent()) {
        return new DockerArchive(path, files, name).load(trust, into);
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
