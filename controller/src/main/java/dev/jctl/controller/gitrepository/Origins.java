package dev.jctl.controller.gitrepository;

import dev.jctl.controller.git.GitException;
import dev.jctl.controller.git.GitException.Reason;
import dev.jctl.controller.git.Mirror;
import dev.jctl.controller.git.Revision;
import dev.jctl.controller.git.SnapshotFile;
import dev.jctl.controller.image.PullSecrets;
import dev.jctl.controller.image.TagChoice;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.images.ArchiveFile;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageStore;
import dev.jctl.images.Keyring;
import dev.jctl.images.layer.SmallArchive;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Brings what there is at an origin into a mirror. */
final class Origins {
  private final ImageStore images;
  private final PullSecrets secrets;
  private final FileWatch watch;

  Origins(ImageStore images, PullSecrets secrets, FileWatch watch) {
    this.images = images;
    this.secrets = secrets;
    this.watch = watch;
  }

  /**
   * What there is now.
   *
   * @param follower who is to look again when it changes
   * @throws GitException why it cannot be had
   */
  Revision fetch(ObjectRef follower, Origin origin, Mirror mirror) {
    return switch (origin) {
      case Origin.Git git -> {
        watch.forget(follower);
        yield mirror.fetch(git.remote());
      }
      case Origin.Directory directory -> {
        try (FileWatch.Look look = watch.look(follower)) {
          yield mirror.store("directory", DirectoryFiles.read(directory.path(), look::at));
        }
      }
      case Origin.Archive archive -> {
        try (FileWatch.Look look = watch.look(follower)) {
          look.at(Optional.ofNullable(archive.path().getParent()).orElse(archive.path()));
          yield mirror.store("archive", read(archive.path()));
        }
      }
      case Origin.Artifact artifact -> {
        watch.forget(follower);
        yield artifact(follower, artifact, mirror);
      }
    };
  }

  /**
   * What there once was, unless it is at hand.
   *
   * @throws GitException when it cannot be had any more
   */
  void recall(Subject subject, Mirror mirror, Revision revision) {
    if (mirror.has(revision.commit())) {
      return;
    }
    mirror.fetch(
        Origin.git(subject.repository())
            .map(spec -> RepositoryRemote.at(spec, revision, subject.secret().orElse(Map.of())))
            .orElseThrow(
                () ->
                    new GitException(
                        Reason.NO_SUCH_REF, revision + " is not kept; bring its files back")));
  }

  private static List<SnapshotFile> read(Path archive) {
    try {
      return files(SmallArchive.read(archive));
    } catch (NoSuchFileException e) {
      throw new GitException(Reason.NO_SUCH_PATH, "there is no file " + archive, e);
    } catch (IOException e) {
      throw new GitException(Reason.FAILED, archive + " cannot be read: " + e, e);
    } catch (ImageException e) {
      throw failure(e);
    }
  }

  private Revision artifact(ObjectRef follower, Origin.Artifact artifact, Mirror mirror) {
    Keyring keyring = secrets.keyring(follower.namespace(), artifact.secrets());
    try {
      return switch (artifact.version()) {
        case Origin.Version.Tag tag -> tagged(artifact, tag.tag(), keyring, mirror);
        case Origin.Version.Range range ->
            tagged(artifact, highest(artifact, range.range(), keyring), keyring, mirror);
        case Origin.Version.Digest digest -> {
          String reference = artifact.repository() + "@" + digest.digest();
          ImageStore.Artifact got = images.artifact(reference, keyring);
          yield mirror.store(digest.digest(), files(got.files()));
        }
      };
    } catch (ImageException e) {
      throw failure(e);
    }
  }

  private Revision tagged(Origin.Artifact artifact, String tag, Keyring keyring, Mirror mirror) {
    ImageStore.Artifact got = images.artifact(artifact.repository() + ":" + tag, keyring);
    return mirror.store(tag + "@" + got.digest(), files(got.files()));
  }

  private String highest(Origin.Artifact artifact, String range, Keyring keyring) {
    List<String> tags = images.tags(artifact.repository(), keyring);
    return TagChoice.highest(range, tags)
        .orElseThrow(
            () ->
                new GitException(
                    Reason.NO_SUCH_REF,
                    artifact.repository() + " has no tag in the range " + range));
  }

  private static List<SnapshotFile> files(List<ArchiveFile> files) {
    return files.stream()
        .map(
            file ->
                new SnapshotFile(
                    file.path(),
                    file.kind() == ArchiveFile.Kind.LINK
                        ? SnapshotFile.Kind.LINK
                        : SnapshotFile.Kind.FILE,
                    file.content()))
        .toList();
  }

  private static GitException failure(ImageException e) {
    Reason reason =
        switch (e.reason()) {
          case NOT_FOUND -> Reason.NO_SUCH_REF;
          case UNAUTHORIZED, BLOCKED, UNTRUSTED -> Reason.UNAUTHORIZED;
          case UNREACHABLE -> Reason.UNREACHABLE;
          case CORRUPT,
              UNSUPPORTED,
              DIGEST_MISMATCH,
              HOSTILE_LAYER,
              INVALID_REFERENCE,
              PLATFORM_MISMATCH ->
              Reason.BAD_CONTENT;
          case NO_SPACE, BAD_CONFIGURATION, DAMAGED, IO -> Reason.FAILED;
        };
    return new GitException(reason, String.valueOf(e.getMessage()), e);
  }
}
