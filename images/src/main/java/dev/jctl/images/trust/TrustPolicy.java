package dev.jctl.images.trust;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.oci.JsonCursor;
import dev.jctl.images.reference.ImageReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What containers-policy.json(5) says of images in registries and archives, in the same form:
 * {@code default}, and scopes below {@code transports}. Pure but for reading files.
 */
public final class TrustPolicy {
  /** Others are other programs'. */
  private static final List<String> TRANSPORTS =
      List.of("docker", "oci", "oci-archive", "docker-archive");

  private static final TrustPolicy NONE =
      new TrustPolicy("", Map.of(), List.of(new Requirement.AcceptAnything()));

  private final String file;
  private final Map<String, Map<String, List<Requirement>>> transports;
  private final List<Requirement> otherwise;

  private TrustPolicy(
      String file,
      Map<String, Map<String, List<Requirement>>> transports,
      List<Requirement> otherwise) {
    this.file = file;
    this.transports = transports;
    this.otherwise = otherwise;
  }

  /** For messages. */
  public String file() {
    return file;
  }

  /**
   * No file is no requirement.
   *
   * @throws ImageException BAD_CONFIGURATION, naming the file and what is wrong in it
   */
  public static TrustPolicy read(Path file) {
    try {
      return new Reader(file.toString()).policy(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return NONE;
    } catch (IOException e) {
      throw bad(file + " cannot be read: " + e.getMessage());
    } catch (ImageException e) {
      throw bad(String.valueOf(e.getMessage()));
    }
  }

  private static ImageException bad(String message) {
    return new ImageException(Reason.BAD_CONFIGURATION, message);
  }

  /** All of them must be met. The longest scope decides. */
  public List<Requirement> requirements(ImageReference image) {
    return ofName(image).orElse(otherwise);
  }

  /**
   * Of an image in an archive: what is said of archives of that kind there; else of what it calls
   * itself, as it will be used as such.
   *
   * @param transport {@code oci}, {@code oci-archive} or {@code docker-archive}
   * @param name empty: it has none
   */
  public List<Requirement> requirements(
      String transport, Path archive, Optional<ImageReference> name) {
    return longest(transport, scope -> scope.isEmpty() || archive.startsWith(scope))
        .or(() -> name.flatMap(this::ofName))
        .orElse(otherwise);
  }

  private Optional<List<Requirement>> ofName(ImageReference image) {
    return longest("docker", scope -> covers(scope, image));
  }

  private Optional<List<Requirement>> longest(String transport, Predicate<String> covers) {
    return transports.getOrDefault(transport, Map.of()).entrySet().stream()
        .filter(scope -> covers.test(scope.getKey()))
        .max(Comparator.comparingInt(scope -> scope.getKey().length()))
        .map(Map.Entry::getValue);
  }

  private static boolean covers(String scope, ImageReference image) {
    if (scope.isEmpty() || scope.equals(image.toString())) {
      return true;
    }
    return scope.startsWith("*.")
        ? image.registry().endsWith(scope.substring(1))
        : (image.name() + "/").startsWith(scope + "/");
  }

  /** Takes the document apart; what is not known is refused, as it may mean a requirement. */
  private record Reader(String file) {
    TrustPolicy policy(byte[] content) {
      JsonCursor root = JsonCursor.parse(file, content);
      root.allow("default", "transports");
      Map<String, Map<String, List<Requirement>>> transports = new HashMap<>();
      for (String name : TRANSPORTS) {
        root.field("transports")
            .flatMap(all -> all.field(name))
            .ifPresent(scopes -> transports.put(name, scopes(scopes)));
      }
      return new TrustPolicy(file, transports, requirements(root.required("default")));
    }

    private Map<String, List<Requirement>> scopes(JsonCursor all) {
      Map<String, List<Requirement>> scopes = new LinkedHashMap<>();
      all.keys().forEach(name -> scopes.put(name, requirements(all.required(name))));
      return scopes;
    }

    private List<Requirement> requirements(JsonCursor list) {
      List<Requirement> requirements = list.elements().stream().map(this::requirement).toList();
      if (requirements.isEmpty()) {
        throw bad(list.document() + ": " + list.path() + ": needs at least one requirement");
      }
      return requirements;
    }

    private Requirement requirement(JsonCursor at) {
      return switch (at.required("type").text()) {
        case "insecureAcceptAnything" -> {
          at.allow("type");
          yield new Requirement.AcceptAnything();
        }
        case "reject" -> {
          at.allow("type");
          yield new Requirement.Reject();
        }
        case "sigstoreSigned" -> signed(at);
        default ->
            throw wrong(at, "type", "expected insecureAcceptAnything, reject or sigstoreSigned");
      };
    }

    private Requirement signed(JsonCursor at) {
      at.allow(
          "type",
          "keyPath",
          "keyPaths",
          "keyData",
          "fulcio",
          "rekorPublicKeyPath",
          "rekorPublicKeyPaths",
          "rekorPublicKeyData",
          "timestampAuthorityPath",
          "timestampAuthorityData",
          "signedIdentity");
      List<PublicKey> keys = keys(at, "key");
      List<PublicKey> logs = keys(at, "rekorPublicKey");
      Requirement.@Nullable Authority authority =
          at.field("fulcio").map(fulcio -> authority(at, fulcio, logs)).orElse(null);
      if (keys.isEmpty() == (authority == null)) {
        throw wrong(at, "type", "needs either keyPath, keyPaths or keyData, or fulcio");
      }
      if (authority == null && !logs.isEmpty()) {
        throw wrong(at, "rekorPublicKeyPath", "goes with fulcio: with keys no log is looked at");
      }
      if (authority == null && content(at, "timestampAuthority").isPresent()) {
        throw wrong(at, "timestampAuthorityPath", "goes with fulcio: keys have no time");
      }
      return new Requirement.SigstoreSigned(
          keys,
          authority,
          at.field("signedIdentity").map(this::identity).orElseGet(Requirement.Identity.Own::new));
    }

    /** {@code matchDigest} is this project's own. */
    private Requirement.Identity identity(JsonCursor at) {
      at.allow("type", "dockerRepository");
      return switch (at.required("type").text()) {
        case "matchRepository" -> new Requirement.Identity.Own();
        case "exactRepository" ->
            new Requirement.Identity.Repository(at.required("dockerRepository").text());
        case "matchDigest" -> new Requirement.Identity.Any();
        default ->
            throw wrong(at, "type", "expected matchRepository, exactRepository or matchDigest");
      };
    }

    private Requirement.Authority authority(
        JsonCursor at, JsonCursor fulcio, List<PublicKey> logs) {
      fulcio.allow(
          "caPath",
          "caData",
          "oidcIssuer",
          "subjectEmail",
          "subjectURI",
          "ctLogPublicKeyPath",
          "ctLogPublicKeyData");
      String roots = content(fulcio, "ca").orElseThrow(() -> wrong(fulcio, "caPath", "is missing"));
      if (logs.isEmpty()) {
        throw wrong(at, "rekorPublicKeyPath", "is missing: certificates live for minutes");
      }
      return new Requirement.Authority(
          read(fulcio, "ca", roots, Pem::certificates),
          fulcio.required("oidcIssuer").text(),
          fulcio.field("subjectURI").orElseGet(() -> fulcio.required("subjectEmail")).text(),
          logs,
          content(at, "timestampAuthority")
              .map(pem -> read(at, "timestampAuthority", pem, Pem::certificates))
              .orElse(List.of()),
          content(fulcio, "ctLogPublicKey")
              .map(key -> read(fulcio, "ctLogPublicKey", key, Pem::publicKey))
              .orElse(null));
    }

    /** Of {@code …Path}, {@code …Data} and {@code …Paths}. */
    private List<PublicKey> keys(JsonCursor at, String name) {
      List<String> keys = new ArrayList<>();
      content(at, name).ifPresent(keys::add);
      at.elements(name + "Paths").forEach(path -> keys.add(file(at, name + "Paths", path.text())));
      return keys.stream().map(key -> read(at, name, key, Pem::publicKey)).toList();
    }

    /** Of the file that {@code …Path} names, or {@code …Data} in base64. */
    private Optional<String> content(JsonCursor at, String name) {
      return at.field(name + "Path")
          .map(path -> file(at, name + "Path", path.text()))
          .or(() -> at.field(name + "Data").map(data -> decoded(at, name + "Data", data.text())));
    }

    private static String decoded(JsonCursor at, String name, String data) {
      try {
        return new String(java.util.Base64.getDecoder().decode(data), StandardCharsets.US_ASCII);
      } catch (IllegalArgumentException e) {
        throw wrong(at, name, "is not base64");
      }
    }

    private static String file(JsonCursor at, String name, String path) {
      try {
        return Files.readString(Path.of(path));
      } catch (IOException e) {
        throw wrong(at, name, path + " cannot be read: " + e);
      }
    }

    private interface Parser<T> {
      T parse(String text) throws java.security.GeneralSecurityException;
    }

    private static <T> T read(JsonCursor at, String name, String text, Parser<T> parser) {
      try {
        return parser.parse(text);
      } catch (java.security.GeneralSecurityException e) {
        throw wrong(at, name, String.valueOf(e.getMessage()));
      }
    }

    private static ImageException wrong(JsonCursor at, String field, String what) {
      return bad("%s: %s.%s: %s".formatted(at.document(), at.path(), field, what));
    }
  }
}
