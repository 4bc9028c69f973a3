package dev.jctl.images.store;

import dev.jctl.images.reference.Digest;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponseGenerator;
import org.bouncycastle.tsp.TimeStampTokenGenerator;

/** Says of anything that it was there at a time. RFC 3161. */
record TimestampAuthority(X509Certificate root, KeyPair key, X509Certificate signer) {
  private static final ASN1ObjectIdentifier POLICY = new ASN1ObjectIdentifier("1.2.3.4.1");

  /** Whose certificates have begun a day ago; their serial numbers are those times. */
  static TimestampAuthority make() throws Exception {
    Instant from = Instant.now().minusSeconds(86_400);
    KeyPair rootKey = Cosign.key("EC");
    JcaX509v3CertificateBuilder root =
        Cosign.builder("CN=tsa-root", "CN=tsa-root", rootKey, from, 1_000_000);
    root.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    KeyPair key = Cosign.key("EC");
    JcaX509v3CertificateBuilder signer =
        Cosign.builder("CN=tsa-root", "CN=tsa", key, from.plusSeconds(1), 1_000_000);
    signer.addExtension(
        Extension.extendedKeyUsage, true, new ExtendedKeyUsage(KeyPurposeId.id_kp_timeStamping));
    return new TimestampAuthority(
        Cosign.signed(root, rootKey), key, Cosign.signed(signer, rootKey));
  }

  byte[] stamp(byte[] seen, Instant at) throws Exception {
    return stamp(seen, at, List.of());
  }

  byte[] stampWithCertificate(byte[] seen, Instant at) throws Exception {
    return stamp(seen, at, List.of(signer));
  }

  private byte[] stamp(byte[] seen, Instant at, List<X509Certificate> brought) throws Exception {
    TimeStampTokenGenerator generator =
        new TimeStampTokenGenerator(
            new JcaSimpleSignerInfoGeneratorBuilder()
                .build("SHA256withECDSA", key.getPrivate(), signer),
            new JcaDigestCalculatorProviderBuilder()
                .build()
                .get(new AlgorithmIdentifier(TSPAlgorithms.SHA256)),
            POLICY);
    generator.addCertificates(new JcaCertStore(brought));
    TimeStampRequestGenerator request = new TimeStampRequestGenerator();
    request.setCertReq(!brought.isEmpty());
    byte[] hash = HexFormat.of().parseHex(Digest.of(seen).hex());
    return new TimeStampResponseGenerator(generator, TSPAlgorithms.ALLOWED)
        .generate(request.generate(TSPAlgorithms.SHA256, hash), BigInteger.TEN, Date.from(at))
        .getEncoded();
  }
}
