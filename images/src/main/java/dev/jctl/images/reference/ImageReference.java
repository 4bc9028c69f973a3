package dev.jctl.images.reference;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image in a registry, with Docker's defaults filled in: {@code nginx} is {@code
 * docker.io/library/nginx:latest}. Grammar: distribution/reference.
 *
 * @param registry host, with its port if one was given
 * @param tag null when only a digest names the version
 * @param digest wins over the tag when both are there
 */
public record ImageReference(
    String registry, String repository, @Nullable String tag, @Nullable Digest digest) {
  private static final String DOCKER_HUB = "docker.io";
  private static final int MAX_NAME_LENGTH = 255;
  private static final Pattern HOST =
      Pattern.compile(
          "(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[[0-9A-Fa-f:]+])(?::[0-9]{1,5})?");
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");

  /**
   * @throws ImageException INVALID_REFERENCE, saying what is wrong with which part
   */
  public static ImageReference parse(String text) {
    return new Parser(text).parse();
  }

  /** Tag or digest, whichever decides. */
  public String version() {
    if (digest != null) {
      return digest.toString();
    }
    return tag == null ? "latest" : tag;
  }

  /** {@code registry/repository}. */
  public String name() {
    return registry + "/" + repository;
  }

  /** {@code registry/repository@sha256:…}. */
  public String pinned(Digest manifest) {
    return name() + "@" + manifest;
  }

  /** Under which cosign puts signatures of a manifest, in its repository. */
  public static String signatureTag(Digest manifest) {
    return "sha256-" + manifest.hex() + ".sig";
  }

  @Override
  public String toString() {
    return name() + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
  }

  private record Parser(String text) {
    ImageReference parse() {
      if (text.isBlank()) {
        throw invalid("it is empty");
      }
      int at = text.indexOf('@');
      Digest digest = at < 0 ? null : digest(text.substring(at + 1));
      String named = at < 0 ? text : text.substring(0, at);
      int colon = named.lastIndexOf(':');
      boolean tagged = colon > named.lastIndexOf('/');
      String tag = tagged ? tag(named.substring(colon + 1)) : null;
      String name = tagged ? named.substring(0, colon) : named;
      return named(name, tag == null && digest == null ? "latest" : tag, digest);
    }

    private ImageReference named(String name, @Nullable String tag, @Nullable Digest digest) {
      int slash = name.indexOf('/');
      String first = slash < 0 ? "" : name.substring(0, slash);
      if (!isHost(first)) {
        String repository = slash < 0 ? "library/" + name : name;
        return new ImageReference(DOCKER_HUB, repository(repository, name), tag, digest);
      }
      String host = host(first);
      String rest = name.substring(slash + 1);
      boolean official = host.equals(DOCKER_HUB) && rest.indexOf('/') < 0;
      return new ImageReference(
          host, repository(official ? "library/" + rest : rest, rest), tag, digest);
    }

    private static boolean isHost(String first) {
      return first.indexOf('.') >= 0
          || first.indexOf(':') >= 0
          || first.equals("localhost")
          || !first.equals(first.toLowerCase(Locale.ROOT));
    }

    private String host(String host) {
      if (!HOST.matcher(host).matches()) {
        throw invalid("\"" + host + "\" is not a registry's host or host:port");
      }
      String lower = host.toLowerCase(Locale.ROOT);
      return lower.equals("index.docker.io") || lower.equals("registry-1.docker.io")
          ? DOCKER_HUB
          : lower;
    }

    private String repository(String repository, String written) {
      if (REPOSITORY.matcher(repository).matches() && repository.length() <= MAX_NAME_LENGTH) {
        return repository;
      }
      if (written.isEmpty()) {
        throw invalid("the repository's name is missing");
      }
      if (repository.length() > MAX_NAME_LENGTH) {
        throw invalid("the repository's name is longer than " + MAX_NAME_LENGTH);
      }
      if (!written.equals(written.toLowerCase(Locale.ROOT))) {
        throw invalid("repository \"" + written + "\" must be lower case");
      }
      throw invalid(
          "repository \""
              + written
              + "\" may only have lower-case letters and digits, with . _ - / between them");
    }

    private String tag(String tag) {
      if (!TAG.matcher(tag).matches()) {
        throw invalid(
            "tag \""
                + tag
                + "\" must be 1 to 128 letters, digits, _ . - and not start with . or -");
      }
      return tag;
    }

    private Digest digest(String digest) {
      try {
        return Digest.parse(digest);
      } catch (ImageException e) {
        throw invalid(String.valueOf(e.getMessage()));
      }
    }

    private ImageException invalid(String why) {
      return new ImageException(
          Reason.INVALID_REFERENCE, "image reference \"" + text + "\": " + why);
    }
  }
}
