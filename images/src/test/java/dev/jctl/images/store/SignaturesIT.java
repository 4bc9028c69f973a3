package dev.jctl.images.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.images.Keyring;
import dev.jctl.images.layer.Tars;
import dev.jctl.images.oci.DocumentWriter;
import dev.jctl.images.oci.MediaTypes;
import dev.jctl.images.oci.Platform;
import dev.jctl.images.reference.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that a policy wants signed, in a registry. */
class SignaturesIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temp;
  private ScriptedRegistry registry;
  private Path blobs;
  private Path policy;
  private Digest manifest;
  private ImageStore store;

  @BeforeEach
  void start() throws IOException {
    Path layout = temp.resolve("layout");
    Skopeo.layout(layout);
    blobs = layout.resolve("blobs/sha256");
    policy = temp.resolve("policy.json");
    registry = new ScriptedRegistry(layout);
    manifest =
        Digest.parse(
            JSON.readTree(Files.readAllBytes(layout.resolve("index.json")))
                .at("/manifests/0/digest")
                .asText());
    store = ContentImageStore.open(temp.resolve("store"), Stores.withPolicy(policy));
  }

  @AfterEach
  void stop() {
    store.close();
    registry.close();
  }

  private String repository() {
    return registry.host() + "/team/web";
  }

  private byte[] payload() {
    return Cosign.payload(repository(), manifest);
  }

  private void require(String requirement) throws IOException {
    Files.writeString(
        policy,
        """
        {"default": [{"type": "reject"}],
         "transports": {"docker": {"%s": [%s]}}}
        """
            .formatted(repository(), requirement));
  }

  private void requireKey(KeyPair key) throws IOException {
    Path file = Files.writeString(temp.resolve("cosign.pub"), Cosign.pem(key));
    require("{\"type\": \"sigstoreSigned\", \"keyPath\": \"" + file + "\"}");
  }

  /** The manifest that holds it, which is in the registry then. */
  private byte[] publish(Cosign.Signed signature) throws IOException {
    ObjectNode layer = JSON.createObjectNode();
    layer.put("mediaType", signature.mediaType);
    layer.put("digest", put(signature.payload).toString());
    layer.put("size", signature.payload.length);
    signature.annotations.forEach(layer.putObject("annotations")::put);
    ObjectNode document = JSON.createObjectNode();
    document.put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_MANIFEST);
    byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
    document
        .putObject("config")
        .put("mediaType", "application/vnd.oci.empty.v1+json")
        .put("digest", put(empty).toString())
        .put("size", empty.length);
    document.putArray("layers").add(layer);
    document
        .putObject("subject")
        .put("mediaType", MediaTypes.OCI_MANIFEST)
        .put("digest", manifest.toString())
        .put("size", Files.size(blobs.resolve(manifest.hex())));
    return JSON.writeValueAsBytes(document);
  }

  private Digest put(byte[] blob) throws IOException {
    Digest digest = Digest.of(blob);
    Files.write(blobs.resolve(digest.hex()), blob);
    return digest;
  }

  /** Under the tag that cosign gives it. */
  private void tag(Cosign.Signed signature) throws IOException {
    registry.next(
        "manifests/sha256-" + manifest.hex() + ".sig", ScriptedRegistry.body(publish(signature)));
  }

  private void load() {
    store.load(
        new ImageSource.Reference(repository() + "@" + manifest, Keyring.EMPTY), progress -> {});
  }

  private void assertUntrusted(String... texts) {
    assertThatThrownBy(this::load)
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNTRUSTED))
        .hasMessageContaining(repository() + "@" + manifest)
        .hasMessageContaining(policy.toString())
        .hasMessageContainingAll(texts);
    assertThat(registry.requests).noneMatch(request -> request.contains("/blobs/" + layer()));
  }

  private String layer() {
    try {
      return JSON.readTree(Files.readAllBytes(blobs.resolve(manifest.hex())))
          .at("/layers/0/digest")
          .asText();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** What is here already is pulled again only with a signature, too. */
  @Test
  void keysOfEveryKindLetTheirOwnImagesIn() throws Exception {
    for (String algorithm : new String[] {"EC", "RSA", "Ed25519"}) {
      KeyPair key = Cosign.key(algorithm);
      requireKey(key);
      assertThatThrownBy(this::load)
          .as(algorithm)
          .hasMessageContaining("it must be signed, and has no signature");
      tag(Cosign.byKey(key, payload()));
      load();
    }
  }

  @Test
  void signaturesThatDoNotCountAreNamedAndNothingIsFetched() throws Exception {
    KeyPair key = Cosign.key("EC");
    requireKey(key);
    assertUntrusted("it must be signed, and has no signature");
    tag(Cosign.byKey(Cosign.key("EC"), payload()));
    assertUntrusted("none of the policy's keys has made it");
    tag(Cosign.byKey(key, Cosign.payload(repository(), Digest.of(new byte[1]))));
    assertUntrusted("it is about sha256:");
    tag(Cosign.byKey(key, Cosign.payload("other.example/web", manifest)));
    assertUntrusted("it is about other.example/web, not " + repository());
    tag(Cosign.byKey(key, "{}".getBytes(StandardCharsets.UTF_8)));
    assertUntrusted("it is malformed", "$.critical is missing");
    require("{\"type\": \"reject\"}");
    assertUntrusted("images of it are rejected");
    require("{\"type\": \"insecureAcceptAnything\"}");
    load();
  }

  @Test
  void signaturesAreFoundAsReferrers() throws Exception {
    KeyPair key = Cosign.key("EC");
    requireKey(key);
    refer(Cosign.byKey(key, payload()));
    load();
  }

  private void refer(Cosign.Signed signed) throws IOException {
    byte[] signature = publish(signed);
    registry.next(
        "referrers/" + manifest,
        ScriptedRegistry.body(
            """
            {"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","digest":"%s","size":%d}]}
            """
                .formatted(
                    MediaTypes.OCI_INDEX, MediaTypes.OCI_MANIFEST, put(signature), signature.length)
                .getBytes(StandardCharsets.UTF_8)));
  }

  // --- bundles

  @Test
  void bundlesByKeysCountWherePolicyAsksForNoRepository() throws Exception {
    KeyPair key = Cosign.key("EC");
    requireKey(key);
    refer(Cosign.bundleByKey(key, manifest, Cosign.SIGN));
    assertUntrusted("a bundle names no repository; it counts where the policy's signedIdentity is");
    Path file = Files.writeString(temp.resolve("cosign.pub"), Cosign.pem(key));
    require(
        "{\"type\": \"sigstoreSigned\", \"keyPath\": \"%s\", %s}"
            .formatted(file, "\"signedIdentity\": {\"type\": \"matchDigest\"}"));
    refer(Cosign.bundleByKey(Cosign.key("EC"), manifest, Cosign.SIGN));
    assertUntrusted("none of the policy's keys has made it");
    refer(Cosign.bundleByKey(key, Digest.of(new byte[1]), Cosign.SIGN));
    assertUntrusted("it is about sha256:" + Digest.of(new byte[1]).hex());
    refer(Cosign.bundleByKey(key, manifest, "https://slsa.dev/provenance/v1"));
    assertUntrusted("it is no signature but says https://slsa.dev/provenance/v1");
    refer(Cosign.bundleByKey(key, manifest, Cosign.SIGN));
    load();
  }

  @Test
  void keylessBundlesCountWhenTheirCertificateIsPublished() throws Exception {
    Cosign.Authorities authorities = Cosign.Authorities.make();
    KeyPair certificateLog = Cosign.key("EC");
    Path root = Files.writeString(temp.resolve("fulcio.pem"), Cosign.pem(authorities.root()));
    Path log = Files.writeString(temp.resolve("rekor.pub"), Cosign.pem(authorities.log()));
    Path published = Files.writeString(temp.resolve("ctfe.pub"), Cosign.pem(certificateLog));
    require(
        """
        {"type": "sigstoreSigned", "rekorPublicKeyPath": "%s",
         "signedIdentity": {"type": "matchDigest"},
         "fulcio": {"caPath": "%s", "oidcIssuer": "%s", "subjectEmail": "ci@example.com",
                    "ctLogPublicKeyPath": "%s"}}
        """
            .formatted(log, root, Cosign.ISSUER, published));
    Instant from = Instant.now().minusSeconds(900);
    refer(authorities.bundle(manifest, "ci@example.com", from, Cosign.key("EC")));
    assertUntrusted("the policy's log of certificates has not promised to publish its own");
    refer(Cosign.Authorities.make().bundle(manifest, "ci@example.com", from, certificateLog));
    assertUntrusted("the policy's log has not promised to keep it");
    refer(authorities.bundle(manifest, "eve@example.com", from, certificateLog));
    assertUntrusted("it was made by [eve@example.com], not ci@example.com");
    tag(authorities.sign(payload(), "ci@example.com", from, from.plusSeconds(10)));
    assertUntrusted("the policy's log of certificates has not promised to publish its own");
    refer(authorities.bundle(manifest, "ci@example.com", from, certificateLog));
    load();
  }

  /** Those of Rekor's second version: the log proves, and another says when. */
  @Test
  void provedBundlesCountWhenLogAndTimeAreRight() throws Exception {
    Cosign.Authorities authorities = Cosign.Authorities.make();
    ProvingLog log = ProvingLog.make();
    TimestampAuthority clock = TimestampAuthority.make();
    requireProved(authorities, log, Cosign.pem(clock.root()));
    Instant from = Instant.now().minusSeconds(900);
    Instant within = from.plusSeconds(10);

    refer(proved(authorities, log, from, signature -> List.of()));
    assertUntrusted("neither its log nor a timestamp says when it was made");
    TimestampAuthority other = TimestampAuthority.make();
    refer(proved(authorities, log, from, seen -> stamps(other.stampWithCertificate(seen, within))));
    assertUntrusted("its timestamp of", "is none of the policy's authority");
    refer(proved(authorities, log, from, seen -> stamps(clock.stamp(seen, within))));
    assertUntrusted("the certificate of who made its timestamp is not known");
    refer(
        proved(
            authorities,
            log,
            from,
            seen -> stamps(clock.stampWithCertificate(new byte[1], within))));
    assertUntrusted("its timestamp is another signature's");
    refer(
        proved(
            authorities,
            log,
            from,
            seen -> stamps(clock.stampWithCertificate(seen, from.plusSeconds(700)))));
    assertUntrusted("its certificate does not lead to the policy's authority at");
    Cosign.Authorities.Stamps good = seen -> stamps(clock.stampWithCertificate(seen, within));
    refer(proved(authorities, ProvingLog.make(), from, good));
    assertUntrusted("the policy's log has not signed the checkpoint in its log entry");

    refer(proved(authorities, log, from, good));
    load();
  }

  @Test
  void timestampsNeedNotBringTheirCertificateAndEnvelopesMayBeLogged() throws Exception {
    Cosign.Authorities authorities = Cosign.Authorities.make();
    ProvingLog log = ProvingLog.make();
    TimestampAuthority clock = TimestampAuthority.make();
    requireProved(authorities, log, Cosign.pem(clock.signer()) + Cosign.pem(clock.root()));
    Instant from = Instant.now().minusSeconds(900);
    Cosign.Authorities.Stamps stamps =
        seen -> stamps(new byte[] {1}, clock.stamp(seen, from.plusSeconds(10)));
    refer(authorities.bundle(manifest, from, log, Cosign.Authorities.Proved.ENVELOPE, stamps));
    load();
  }

  private static List<byte[]> stamps(byte[]... stamps) {
    return List.of(stamps);
  }

  private Cosign.Signed proved(
      Cosign.Authorities authorities,
      ProvingLog log,
      Instant from,
      Cosign.Authorities.Stamps stamps)
      throws Exception {
    return authorities.bundle(manifest, from, log, Cosign.Authorities.Proved.CONTENT, stamps);
  }

  /** Beside a log of the first version. */
  private void requireProved(Cosign.Authorities authorities, ProvingLog log, String clock)
      throws Exception {
    require(
        """
        {"type": "sigstoreSigned", "rekorPublicKeyPaths": ["%s", "%s"],
         "timestampAuthorityPath": "%s", "signedIdentity": {"type": "matchDigest"},
         "fulcio": {"caPath": "%s", "oidcIssuer": "%s", "subjectEmail": "ci@example.com"}}
        """
            .formatted(
                Files.writeString(temp.resolve("rekor.pub"), Cosign.pem(authorities.log())),
                Files.writeString(temp.resolve("rekor2.pub"), Cosign.pem(log.key())),
                Files.writeString(temp.resolve("tsa.pem"), clock),
                Files.writeString(temp.resolve("fulcio.pem"), Cosign.pem(authorities.root())),
                Cosign.ISSUER));
  }

  // --- what comes another way

  /** Names the image as the policy knows it, and holds these manifests beside it. */
  private Path namedLayout(byte[]... beside) throws IOException {
    Path layout = temp.resolve("layout");
    Path index = layout.resolve("index.json");
    ObjectNode root = (ObjectNode) JSON.readTree(Files.readAllBytes(index));
    ObjectNode image = (ObjectNode) root.path("manifests").get(0);
    image
        .putObject("annotations")
        .put("org.opencontainers.image.ref.name", repository() + ":1")
        .put("kind", "dev.cosignproject.cosign/image");
    root.putArray("manifests").add(image);
    for (byte[] other : beside) {
      root.withArray("manifests")
          .addObject()
          .put("mediaType", MediaTypes.OCI_MANIFEST)
          .put("digest", put(other).toString())
          .put("size", other.length)
          .putObject("annotations")
          .put("kind", "dev.cosignproject.cosign/sigs");
    }
    Files.write(index, JSON.writeValueAsBytes(root));
    return layout;
  }

  private Path dockerArchive() throws IOException {
    byte[] layer = new Tars().file("a", "a").bytes();
    byte[] config =
        DocumentWriter.config(
            new Platform("linux", "amd64", ""),
            ImageStore.ImageConfig.EMPTY,
            List.of(Digest.of(layer)));
    String list =
        "[{\"Config\":\"c.json\",\"RepoTags\":[\"%s:1\"],\"Layers\":[\"l.tar\"]}]"
            .formatted(repository());
    Tars tar = new Tars().file("manifest.json", list).file("c.json", config).file("l.tar", layer);
    return Files.write(temp.resolve("docker.tar"), tar.bytes());
  }

  private void loadArchive(Path path) {
    store.load(new ImageSource.Archive(path, null), progress -> {});
  }

  @Test
  void archivesAreHeldToWhatIsSaidOfTheirNames() throws Exception {
    KeyPair key = Cosign.key("EC");
    requireKey(key);
    Path layout = namedLayout();
    assertThatThrownBy(() -> loadArchive(layout))
        .hasMessageContaining(
            "archive " + layout + ": " + repository() + ":1: manifest " + manifest)
        .hasMessageContaining("it must be signed, and has no signature");
    namedLayout(publish(Cosign.byKey(Cosign.key("EC"), payload())));
    assertThatThrownBy(() -> loadArchive(layout))
        .hasMessageContaining("none of the policy's keys has made it");
    Path docker = dockerArchive();
    assertThatThrownBy(() -> loadArchive(docker))
        .hasMessageContaining(", named " + repository() + ":1: " + policy)
        .hasMessageContaining("it must be signed, and has no signature");
    assertThat(temp.resolve("store/blobs/sha256")).isEmptyDirectory();

    namedLayout(publish(Cosign.byKey(key, payload())));
    loadArchive(layout);
    Files.writeString(
        policy,
        """
        {"default": [{"type": "reject"}],
         "transports": {"docker-archive": {"": [{"type": "insecureAcceptAnything"}]},
                        "oci": {"%s": [{"type": "reject"}]}}}
        """
            .formatted(temp));
    loadArchive(docker);
    assertThatThrownBy(() -> loadArchive(layout)).hasMessageContaining("images of it are rejected");
  }

  @Test
  void whatIsPushedToUsIsHeldToWhatIsSaidOfItsName() throws Exception {
    require("{\"type\": \"insecureAcceptAnything\"}");
    load();
    KeyPair key = Cosign.key("EC");
    requireKey(key);
    String name = repository() + ":1";
    var unsigned = new ImageSource.Manifest(manifest.toString(), name, List.of());
    assertThatThrownBy(() -> store.load(unsigned, progress -> {}))
        .hasMessageContaining(name + ": manifest " + manifest)
        .hasMessageContaining("it must be signed, and has no signature");
    Cosign.Signed signature = Cosign.byKey(key, payload());
    String tagged = push(publish(signature), signature.payload, "{}".getBytes(UTF_8));
    var signed = new ImageSource.Manifest(manifest.toString(), name, List.of(tagged));
    assertThat(store.load(signed, progress -> {}).manifestDigest()).isEqualTo(manifest.toString());
    store.load(unsigned, progress -> {}); // by its subject
  }

  private String push(byte[] document, byte[]... content) throws IOException {
    for (byte[] blob : content) {
      try (var upload = store.served().upload()) {
        upload.append(new ByteArrayInputStream(blob));
        upload.finish("default", Digest.of(blob).toString());
      }
    }
    return store
        .served()
        .put("default", List.of(), document, null, MediaTypes.OCI_MANIFEST)
        .digest();
  }

  @Test
  void keylessSignaturesCountWhenAuthorityIdentityLogAndTimeAreRight() throws Exception {
    Cosign.Authorities authorities = Cosign.Authorities.make();
    Path root = Files.writeString(temp.resolve("fulcio.pem"), Cosign.pem(authorities.root()));
    Path log = Files.writeString(temp.resolve("rekor.pub"), Cosign.pem(authorities.log()));
    require(
        """
        {"type": "sigstoreSigned", "rekorPublicKeyPath": "%s",
         "fulcio": {"caPath": "%s", "oidcIssuer": "%s", "subjectEmail": "ci@example.com"}}
        """
            .formatted(log, root, Cosign.ISSUER));
    Instant now = Instant.now();
    Instant from = now.minusSeconds(900);
    Instant within = from.plusSeconds(10);

    tag(authorities.sign(payload(), "other@example.com", from, within));
    assertUntrusted("it was made by [other@example.com], not ci@example.com");
    tag(authorities.sign(payload(), "ci@example.com", from, now));
    assertUntrusted("its certificate does not lead to the policy's authority at");
    Cosign.Authorities others = Cosign.Authorities.make();
    tag(others.sign(payload(), "ci@example.com", from, within));
    assertUntrusted("the policy's log has not promised to keep it");
    tag(
        new Cosign.Authorities(others.rootKey(), others.root(), authorities.log())
            .sign(payload(), "ci@example.com", from, within));
    assertUntrusted("its certificate does not lead to the policy's authority at");
    tag(Cosign.byKey(Cosign.key("EC"), payload()));
    assertUntrusted("it has no annotation dev.sigstore.cosign/certificate");

    tag(authorities.sign(payload(), "ci@example.com", from, within));
    load();
  }

  @Test
  void whatIsWrongInAPolicyIsAnErrorOfEveryPull() throws Exception {
    require("{\"type\": \"sigstoreSigned\"}");
    assertBad("needs either keyPath, keyPaths or keyData, or fulcio");
    require("{\"type\": \"signedBy\"}");
    assertBad("$.transports.docker." + repository() + "[0].type: expected");
    Path key = Files.writeString(temp.resolve("k.pub"), Cosign.pem(Cosign.key("EC")));
    require(
        "{\"type\": \"sigstoreSigned\", \"keyPath\": \"%s\", \"rekorPublicKeyPath\": \"%1$s\"}"
            .formatted(key));
    assertBad("rekorPublicKeyPath: goes with fulcio");
    require(
        "{\"type\": \"sigstoreSigned\", \"keyPath\": \"%s\", \"timestampAuthorityPath\": \"%1$s\"}"
            .formatted(key));
    assertBad("timestampAuthorityPath: goes with fulcio");
    require("{\"type\": \"reject\", \"keyPaht\": \"/x\"}");
    assertBad("unknown field \"keyPaht\"");
    require("{\"type\": \"sigstoreSigned\", \"keyPath\": \"/nonexistent\"}");
    assertBad("/nonexistent cannot be read");
    Files.writeString(policy, "{\"transports\": {}}");
    assertBad("$.default is missing");
  }

  private void assertBad(String text) {
    assertThatThrownBy(this::load)
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_CONFIGURATION))
        .hasMessageContaining(policy.toString())
        .hasMessageContaining(text);
  }
}
