package dev.jctl.controller.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of ServiceAccounts: JSON Web Tokens (RFC 7519) with Kubernetes' claims, signed by a key of
 * the instance (ES256, RFC 7518 section 3.4) in {@code sa.key}. One is good until it expires, and
 * only while the account, and what it is bound to, are there.
 */
public final class AccountTokens implements BearerTokens {
  /** Also the audience that tokens are for unless told otherwise. */
  public static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

  private static final String SIGNATURE = "SHA256withECDSAinP1363Format";
  private static final String PRIVATE = "PRIVATE KEY";
  private static final String PUBLIC = "PUBLIC KEY";
  private static final int MAX_LENGTH = 16 << 10;
  private static final ObjectMapper MAPPER = new JsonMapper();
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private final KeyPair keys;
  private final InstantSource clock;
  private final Present present;

  private AccountTokens(KeyPair keys, InstantSource clock, Present present) {
    this.keys = keys;
    this.clock = clock;
    this.present = present;
  }

  /** An object that is still the one it was when the token was made. */
  @FunctionalInterface
  public interface Present {
    boolean is(Bound object);
  }

  /** {@code kind}: ServiceAccount, Pod or Secret. */
  public record Bound(String kind, String namespace, String name, String uid) {}

  /** {@code to}: its life is the token's. */
  public record Wanted(
      Bound account, List<String> audiences, Duration lifetime, @Nullable Bound to) {}

  public record Issued(String token, Instant expires) {}

  /**
   * Reads the key, or makes it on first use.
   *
   * @throws IOException when the file can't be read or written, or holds something else
   */
  public static AccountTokens open(Path directory, InstantSource clock, Present present)
      throws IOException {
    Path file = directory.resolve("sa.key");
    try {
      return new AccountTokens(parse(Files.readString(file)), clock, present);
    } catch (NoSuchFileException absent) {
      KeyPair made = newKeys();
      PrivateFiles.write(
          file,
          Pem.encode(PRIVATE, made.getPrivate().getEncoded())
              + Pem.encode(PUBLIC, made.getPublic().getEncoded()));
      return new AccountTokens(made, clock, present);
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw new IOException(
          "cannot use the key of ServiceAccounts' tokens in "
              + file
              + ": "
              + e.getMessage()
              + "; restore it, or remove it for a new one, which ends all tokens",
          e);
    }
  }

  private static KeyPair parse(String text) throws GeneralSecurityException {
    KeyFactory factory = KeyFactory.getInstance("EC");
    return new KeyPair(
        factory.generatePublic(new X509EncodedKeySpec(Pem.decode(PUBLIC, text))),
        factory.generatePrivate(new PKCS8EncodedKeySpec(Pem.decode(PRIVATE, text))));
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), new SecureRandom());
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  // --- making

  public Issued issue(Wanted wanted) {
    Instant now = clock.instant();
    Instant expires = Instant.ofEpochSecond(now.getEpochSecond()).plus(wanted.lifetime());
    Bound account = wanted.account();
    ObjectNode claims = JsonNodeFactory.instance.objectNode();
    List<String> audiences = wanted.audiences().isEmpty() ? List.of(ISSUER) : wanted.audiences();
    audiences.forEach(claims.putArray("aud")::add);
    claims.put("exp", expires.getEpochSecond());
    claims.put("iat", now.getEpochSecond());
    claims.put("iss", ISSUER);
    claims.put("jti", UUID.randomUUID().toString());
    ObjectNode own = claims.putObject("kubernetes.io").put("namespace", account.namespace());
    own.putObject("serviceaccount").put("name", account.name()).put("uid", account.uid());
    Bound to = wanted.to();
    if (to != null) {
      own.putObject(to.kind().toLowerCase(java.util.Locale.ROOT))
          .put("name", to.name())
          .put("uid", to.uid());
    }
    claims.put("nbf", now.getEpochSecond());
    claims.put("sub", "system:serviceaccount:" + account.namespace() + ":" + account.name());
    return new Issued(signed(claims), expires);
  }

  private String signed(ObjectNode claims) {
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    header.put("alg", "ES256").put("kid", keyId());
    String content = encoded(header) + "." + encoded(claims);
    try {
      Signature signature = Signature.getInstance(SIGNATURE);
      signature.initSign(keys.getPrivate());
      signature.update(content.getBytes(StandardCharsets.US_ASCII));
      return content + "." + ENCODER.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private String keyId() {
    try {
      return ENCODER.encodeToString(
          MessageDigest.getInstance("SHA-256").digest(keys.getPublic().getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encoded(JsonNode tree) {
    return ENCODER.encodeToString(tree.toString().getBytes(StandardCharsets.UTF_8));
  }

  // --- checking

  @Override
  public Optional<Holder> holder(String token, List<String> audiences) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3 || token.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    try {
      return isSigned(parts) ? of(tree(parts[1]), audiences) : Optional.empty();
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  /** The algorithm is ours, whatever the header says. */
  private boolean isSigned(String[] parts) {
    try {
      Signature signature = Signature.getInstance(SIGNATURE);
      signature.initVerify(keys.getPublic());
      signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.UTF_8));
      return signature.verify(Base64.getUrlDecoder().decode(parts[2]));
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Signed by us, and so of the form that we write. */
  private static JsonNode tree(String part) {
    try {
      return MAPPER.readTree(Base64.getUrlDecoder().decode(part));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Optional<Holder> of(JsonNode claims, List<String> audiences) {
    long now = clock.instant().getEpochSecond();
    boolean timely = now >= claims.path("nbf").asLong() && now < claims.path("exp").asLong();
    List<String> among =
        claims.path("aud").valueStream().map(JsonNode::asText).filter(audiences::contains).toList();
    JsonNode own = claims.path("kubernetes.io");
    Bound account = bound("ServiceAccount", own);
    if (!timely || among.isEmpty() || !present.is(account)) {
      return Optional.empty();
    }
    for (String kind : List.of("Pod", "Secret")) {
      Bound to = bound(kind, own);
      if (!to.name().isEmpty() && !present.is(to)) {
        return Optional.empty();
      }
    }
    Identity.Account named = new Identity.Account(account.namespace(), account.name());
    return Optional.of(new Holder(Identity.of(named, account.uid()), among));
  }

  private static Bound bound(String kind, JsonNode own) {
    JsonNode object = own.path(kind.toLowerCase(java.util.Locale.ROOT));
    return new Bound(
        kind,
        Objects.requireNonNull(own.path("namespace").asText("")),
        object.path("name").asText(""),
        object.path("uid").asText(""));
  }
}
