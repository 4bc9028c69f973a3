package dev.jctl.controller.fake;

import dev.jctl.images.ServedContent;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A registry that has nothing and takes nothing. */
final class NothingServed implements ServedContent {
  @Override
  public Upload upload() {
    throw new UnsupportedOperationException("nothing is taken here");
  }

  @Override
  public Optional<ServedBlob> blob(String scope, Collection<String> tops, String digest) {
    return Optional.empty();
  }

  @Override
  public boolean share(String scope, String digest) {
    return false;
  }

  @Override
  public Optional<ServedManifest> manifest(String scope, Collection<String> tops, String digest) {
    return Optional.empty();
  }

  @Override
  public Optional<ServedManifest> own(String digest) {
    return Optional.empty();
  }

  @Override
  public boolean isWhole(String digest) {
    return false;
  }

  @Override
  public Taken put(
      String scope,
      Collection<String> tops,
      byte[] content,
      @Nullable String digest,
      String mediaType) {
    throw new UnsupportedOperationException("nothing is taken here");
  }

  @Override
  public List<Referrer> referrers(String scope, String subject) {
    return List.of();
  }

  @Override
  public boolean forget(String scope, String digest) {
    return false;
  }
}
