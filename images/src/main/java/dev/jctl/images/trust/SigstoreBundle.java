package dev.jctl.images.trust;

import dev.jctl.images.oci.JsonCursor;
import dev.jctl.images.reference.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Signature, certificate and log entry in one document: a DSSE envelope of an in-toto statement
 * that names the manifest.
 *
 * @see <a
 *     href="https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md">BUNDLE_SPEC.md</a>
 * @see <a
 *     href="https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto">sigstore_bundle.proto</a>
 */
final class SigstoreBundle implements SignatureForm {
  /** Of all versions. */
  static final String MEDIA_TYPE = "application/vnd.dev.sigstore.bundle";

  private static final String STATEMENT = "application/vnd.in-toto+json";

  /** What else is said of an image, as how it was built, is no signature. */
  private static final String PREDICATE = "https://sigstore.dev/cosign/sign/v1";

  private final byte[] content;

  SigstoreBundle(byte[] content) {
    this.content = content;
  }

  @Override
  public void signed(Requirement.SigstoreSigned requirement) throws Refused {
    JsonCursor root = root();
    byte[] signature =
        base64(only(envelope(root).required("signatures"), "signature").required("sig"));
    byte[] encoded = preAuthenticationEncoding(envelope(root));
    Requirement.@Nullable Authority authority = requirement.authority();
    if (authority == null) {
      SignatureForm.byOneOf(requirement.keys(), encoded, signature);
      return;
    }
    JsonCursor material = root.required("verificationMaterial");
    VouchedKey vouched = VouchedKey.of(authority, certificates(material));
    LogEntry entry = LogEntry.ofBundle(material, signature, authority);
    entry.body().isOfEnvelope(payload(envelope(root)), encoded, signature, vouched.certificate());
    SignatureForm.byVouched(vouched, entry.time(), encoded, signature);
  }

  @Override
  public void claims(Requirement.Identity identity, String repository, Digest manifest)
      throws Refused {
    if (!(identity instanceof Requirement.Identity.Any)) {
      throw new Refused(
          "a bundle names no repository; it counts where the policy's signedIdentity is"
              + " matchDigest");
    }
    JsonCursor statement = JsonCursor.parse("statement", payload(envelope(root())));
    String predicate = statement.required("predicateType").text();
    if (!predicate.equals(PREDICATE)) {
      throw new Refused("it is no signature but says " + predicate);
    }
    List<String> about = new ArrayList<>();
    for (JsonCursor subject : statement.required("subject").elements()) {
      subject.required("digest").field("sha256").ifPresent(hex -> about.add(hex.text()));
    }
    if (!about.contains(manifest.hex())) {
      throw new Refused("it is about sha256:" + String.join(", sha256:", about));
    }
  }

  private JsonCursor root() {
    return JsonCursor.parse("bundle", content);
  }

  private static JsonCursor envelope(JsonCursor root) throws Refused {
    return root.field("dsseEnvelope")
        .orElseThrow(() -> new Refused("its bundle has no dsseEnvelope"));
  }

  private static byte[] payload(JsonCursor envelope) throws Refused {
    String type = envelope.required("payloadType").text();
    if (!type.equals(STATEMENT)) {
      throw new Refused("its payload is " + type + ", not " + STATEMENT);
    }
    return base64(envelope.required("payload"));
  }

  /** PAE of the DSSE protocol: what the signature is of. */
  private static byte[] preAuthenticationEncoding(JsonCursor envelope) throws Refused {
    byte[] payload = payload(envelope);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        "DSSEv1 %d %s %d "
            .formatted(STATEMENT.length(), STATEMENT, payload.length)
            .getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(payload);
    return out.toByteArray();
  }

  /** The key's own first. Since version 0.3 there is only that. */
  private static List<X509Certificate> certificates(JsonCursor material) throws Refused {
    Optional<JsonCursor> chain =
        material.field("x509CertificateChain").map(c -> c.required("certificates"));
    List<JsonCursor> all =
        chain.isPresent()
            ? chain.get().elements()
            : material.field("certificate").map(List::of).orElse(List.of());
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      List<X509Certificate> certificates = new ArrayList<>();
      for (JsonCursor one : all) {
        byte[] der = base64(one.required("rawBytes"));
        certificates.add(
            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
      }
      return certificates;
    } catch (CertificateException e) {
      throw new Refused("its certificate cannot be read: " + e.getMessage());
    }
  }

  static JsonCursor only(JsonCursor list, String what) throws Refused {
    List<JsonCursor> all = list.elements();
    if (all.size() != 1) {
      throw new Refused("its bundle has " + all.size() + " of one " + what);
    }
    return all.getFirst();
  }

  private static byte[] base64(JsonCursor text) {
    return Base64.getDecoder().decode(text.text());
  }
}
