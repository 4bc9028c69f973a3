package dev.jctl.images.trust;

import dev.jctl.images.oci.JsonCursor;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was signed is a blob, the rest is in the annotations of its descriptor.
 *
 * @see <a
 *     href="https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md">SIGNATURE_SPEC.md</a>
 */
final class SimpleSigning implements SignatureForm {
  /** Of the blob. */
  static final String MEDIA_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";

  private static final String SIGNATURE = "dev.cosignproject.cosign/signature";
  private static final String CERTIFICATE = "dev.sigstore.cosign/certificate";
  private static final String CHAIN = "dev.sigstore.cosign/chain";
  private static final String BUNDLE = "dev.sigstore.cosign/bundle";
  private static final String PAYLOAD_TYPE = "cosign container image signature";

  private final byte[] payload;
  private final Map<String, String> annotations;

  SimpleSigning(byte[] payload, Map<String, String> annotations) {
    this.payload = payload;
    this.annotations = Map.copyOf(annotations);
  }

  @Override
  public void signed(Requirement.SigstoreSigned requirement) throws Refused {
    byte[] signature = Base64.getDecoder().decode(annotation(SIGNATURE));
    Requirement.@Nullable Authority authority = requirement.authority();
    if (authority == null) {
      SignatureForm.byOneOf(requirement.keys(), payload, signature);
      return;
    }
    VouchedKey vouched = VouchedKey.of(authority, certificates());
    LogEntry entry = LogEntry.parse(annotation(BUNDLE), authority.logs());
    entry.body().isOf(payload, signature, vouched.certificate());
    SignatureForm.byVouched(vouched, entry.time(), payload, signature);
  }

  private List<X509Certificate> certificates() throws Refused {
    try {
      List<X509Certificate> chain = new ArrayList<>(Pem.certificates(annotation(CERTIFICATE)));
      chain.addAll(Pem.certificates(annotations.getOrDefault(CHAIN, "")));
      return chain;
    } catch (GeneralSecurityException e) {
      throw new Refused("its certificate cannot be read: " + e.getMessage());
    }
  }

  private String annotation(String name) throws Refused {
    String value = annotations.get(name);
    if (value == null) {
      throw new Refused("it has no annotation " + name);
    }
    return value;
  }

  /** containers-signature(5). */
  @Override
  public void claims(Requirement.Identity identity, String repository, Digest manifest)
      throws Refused {
    JsonCursor critical = JsonCursor.parse("signature", payload).required("critical");
    String type = critical.required("type").text();
    if (!type.equals(PAYLOAD_TYPE)) {
      throw new Refused("it is a signature of type \"" + type + "\"");
    }
    Digest about = critical.required("image").required("docker-manifest-digest").digest();
    if (!about.equals(manifest)) {
      throw new Refused("it is about " + about);
    }
    String name = critical.required("identity").required("docker-reference").text();
    String wanted =
        switch (identity) {
          case Requirement.Identity.Own() -> repository;
          case Requirement.Identity.Repository(String other) -> other;
          case Requirement.Identity.Any() -> repository(name);
        };
    if (!repository(name).equals(wanted)) {
      throw new Refused("it is about " + name + ", not " + wanted);
    }
  }

  /** go-containerregistry, which cosign uses, names Docker's registry by its host. */
  private static String repository(String name) {
    return ImageReference.parse(name.replaceFirst("^index\\.docker\\.io/", "docker.io/")).name();
  }
}
