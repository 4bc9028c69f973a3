package dev.jctl.images.trust;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A key that a certificate gives to an identity for some minutes.
 *
 * @param chain from the certificate towards a root
 * @see <a
 *     href="https://github.com/sigstore/fulcio/blob/main/docs/certificate-specification.md">Fulcio's
 *     certificates</a>
 */
record VouchedKey(List<X509Certificate> chain, Requirement.Authority authority) {
  private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";

  /** Its value is the text itself, without a DER tag. */
  private static final String ISSUER_RAW = "1.3.6.1.4.1.57264.1.1";

  private static final String ISSUER = "1.3.6.1.4.1.57264.1.8";
  private static final int EMAIL = 1;
  private static final int URI = 6;

  /**
   * @param certificates the key's own first
   */
  static VouchedKey of(Requirement.Authority authority, List<X509Certificate> certificates)
      throws Refused {
    try {
      List<X509Certificate> chain = new ArrayList<>(certificates);
      if (chain.isEmpty()) {
        throw new Refused("it has no certificate");
      }
      // a root is trusted because the policy says so, not because the signature brings it
      chain.removeIf(authority.roots()::contains);
      VouchedKey key = new VouchedKey(chain, authority);
      key.belongs();
      return key;
    } catch (CertificateException e) {
      throw new Refused("its certificate cannot be read: " + e.getMessage());
    }
  }

  X509Certificate certificate() {
    return chain.getFirst();
  }

  private void belongs() throws Refused, CertificateException {
    List<String> usages = certificate().getExtendedKeyUsage();
    if (usages == null || !usages.contains(CODE_SIGNING)) {
      throw new Refused("its certificate is not for signing code");
    }
    String issuer = issuer().orElse("nobody");
    if (!issuer.equals(authority.issuer())) {
      throw new Refused("its identity was issued by " + issuer + ", not " + authority.issuer());
    }
    Set<String> subjects = subjects();
    if (!subjects.contains(authority.subject())) {
      throw new Refused("it was made by " + subjects + ", not " + authority.subject());
    }
  }

  private Set<String> subjects() throws CertificateException {
    @Nullable Collection<List<?>> names = certificate().getSubjectAlternativeNames();
    return names == null
        ? Set.of()
        : names.stream()
            .filter(name -> name.getFirst().equals(EMAIL) || name.getFirst().equals(URI))
            .map(name -> String.valueOf(name.get(1)))
            .collect(Collectors.toSet());
  }

  private Optional<String> issuer() {
    return Stream.of(extension(ISSUER).map(Der::content), extension(ISSUER_RAW))
        .flatMap(Optional::stream)
        .map(value -> new String(value, StandardCharsets.UTF_8))
        .findFirst();
  }

  private Optional<byte[]> extension(String oid) {
    return Optional.ofNullable(certificate().getExtensionValue(oid)).map(Der::content);
  }

  /** Where the policy names a log of certificates. */
  void wasPublished() throws Refused {
    PublicKey log = authority.certificateLog();
    if (log == null) {
      return;
    }
    try {
      if (!new CertificateTimestamps(certificate(), issuerKey()).isPromisedBy(log)) {
        throw new Refused("the policy's log of certificates has not promised to publish its own");
      }
    } catch (GeneralSecurityException e) {
      throw new Refused("its certificate's timestamps cannot be read: " + e.getMessage());
    }
  }

  private PublicKey issuerKey() throws Refused {
    return Stream.concat(chain.stream().skip(1), authority.roots().stream())
        .filter(c -> c.getSubjectX500Principal().equals(certificate().getIssuerX500Principal()))
        .findFirst()
        .orElseThrow(() -> new Refused("who issued its certificate is not known"))
        .getPublicKey();
  }

  void wasValid(Instant time) throws Refused {
    try {
      PKIXParameters parameters =
          new PKIXParameters(
              authority.roots().stream()
                  .map(root -> new TrustAnchor(root, null))
                  .collect(Collectors.toSet()));
      parameters.setRevocationEnabled(false); // they are not revoked but expire
      parameters.setDate(Date.from(time));
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
    } catch (GeneralSecurityException e) {
      throw new Refused(
          "its certificate does not lead to the policy's authority at "
              + time
              + ": "
              + e.getMessage());
    }
  }
}
