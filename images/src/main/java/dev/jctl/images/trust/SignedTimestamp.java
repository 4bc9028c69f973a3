package dev.jctl.images.trust;

import dev.jctl.images.oci.JsonCursor;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampToken;
import org.jspecify.annotations.Nullable;

/** That an authority has seen something at a time. RFC 3161. */
record SignedTimestamp(TimeStampToken token) {
  private static final Set<String> HASHES =
      Set.of(
          TSPAlgorithms.SHA256.getId(), TSPAlgorithms.SHA384.getId(), TSPAlgorithms.SHA512.getId());

  /**
   * When one of the authorities has seen a signature.
   *
   * @param material of a Sigstore bundle; one of its timestamps is enough
   */
  static Instant ofBundle(JsonCursor material, byte[] signature, List<X509Certificate> authorities)
      throws Refused {
    List<String> refusals = new ArrayList<>();
    List<JsonCursor> all =
        material
            .field("timestampVerificationData")
            .map(data -> data.elements("rfc3161Timestamps"))
            .orElse(List.of());
    for (JsonCursor one : all) {
      byte[] response = Base64.getDecoder().decode(one.required("signedTimestamp").text());
      try {
        return parse(response).of(signature, authorities);
      } catch (Refused e) {
        refusals.add(e.getMessage());
      }
    }
    throw new Refused(
        refusals.isEmpty()
            ? "neither its log nor a timestamp says when it was made"
            : String.join(", ", refusals));
  }

  /**
   * @param response of the authority, in DER
   */
  static SignedTimestamp parse(byte[] response) throws Refused {
    @Nullable TimeStampToken token;
    try {
      token = new TimeStampResponse(response).getTimeStampToken();
    } catch (TSPException | IOException | RuntimeException e) {
      // what is not DER at all makes the parser throw anything
      throw new Refused("its timestamp cannot be read: " + e.getMessage());
    }
    if (token == null) {
      throw new Refused("its timestamp is a refusal of the authority");
    }
    return new SignedTimestamp(token);
  }

  /**
   * When one of the authorities has seen it.
   *
   * @param authorities certificates of those who make timestamps, or of who vouches for them
   */
  Instant of(byte[] seen, List<X509Certificate> authorities) throws Refused {
    Instant time = token.getTimeStampInfo().getGenTime().toInstant();
    try {
      isAbout(seen);
      List<X509Certificate> brought = certificates();
      X509Certificate signer = signer(brought, authorities);
      // also whether the certificate is for timestamps only, the one that the token means, and
      // valid
      token.validate(new JcaSimpleSignerInfoVerifierBuilder().build(signer));
      if (!authorities.contains(signer)) {
        leadsTo(authorities, signer, brought, time);
      }
      return time;
    } catch (TSPException | OperatorException | GeneralSecurityException e) {
      throw new Refused(
          "its timestamp of %s is none of the policy's authority: %s"
              .formatted(time, e.getMessage()));
    }
  }

  private void isAbout(byte[] seen) throws Refused, GeneralSecurityException {
    String algorithm = token.getTimeStampInfo().getMessageImprintAlgOID().getId();
    if (!HASHES.contains(algorithm)) {
      throw new Refused("its timestamp is made with another hash than SHA-2: " + algorithm);
    }
    if (!MessageDigest.isEqual(
        MessageDigest.getInstance(algorithm).digest(seen),
        token.getTimeStampInfo().getMessageImprintDigest())) {
      throw new Refused("its timestamp is another signature's");
    }
  }

  private List<X509Certificate> certificates() throws CertificateException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (X509CertificateHolder holder : token.getCertificates().getMatches(null)) {
      certificates.add(new JcaX509CertificateConverter().getCertificate(holder));
    }
    return certificates;
  }

  /** Who it says has made it: tokens need not bring the certificate. */
  private X509Certificate signer(List<X509Certificate> brought, List<X509Certificate> authorities)
      throws Refused, CertificateException {
    List<X509Certificate> known = new ArrayList<>(brought);
    known.addAll(authorities);
    for (X509Certificate one : known) {
      if (token.getSID().match(new JcaX509CertificateHolder(one))) {
        return one;
      }
    }
    throw new Refused("the certificate of who made its timestamp is not known");
  }

  private static void leadsTo(
      List<X509Certificate> authorities,
      X509Certificate signer,
      List<X509Certificate> brought,
      Instant time)
      throws GeneralSecurityException {
    X509CertSelector target = new X509CertSelector();
    target.setCertificate(signer);
    PKIXBuilderParameters parameters =
        new PKIXBuilderParameters(
            authorities.stream()
                .map(authority -> new TrustAnchor(authority, null))
                .collect(Collectors.toSet()),
            target);
    parameters.setRevocationEnabled(false); // nobody is asked
    parameters.setDate(Date.from(time));
    parameters.addCertStore(
        CertStore.getInstance("Collection", new CollectionCertStoreParameters(brought)));
    CertPathBuilder.getInstance("PKIX").build(parameters);
  }
}
