package dev.jctl.controller.access;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The certificate authority of one instance, in {@code ca.crt} and {@code ca.key} (mode 0600) of a
 * directory. Keys are on the curve P-256, which every client takes and which is made in a
 * millisecond.
 */
public final class CertificateAuthority {
  private static final Duration LIFETIME = Duration.ofDays(3650);

  /** Clocks of clients are not exact. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  private final KeyPairAndCertificate own;

  private CertificateAuthority(KeyPairAndCertificate own) {
    this.own = own;
  }

  /**
   * Reads the authority, or makes it on first use.
   *
   * @throws IOException when the files can't be read or written, or hold something else
   */
  public static CertificateAuthority open(Path directory, Instant now) throws IOException {
    Path certificate = directory.resolve("ca.crt");
    Path key = directory.resolve("ca.key");
    try {
      return new CertificateAuthority(
          new KeyPairAndCertificate(
              parseKey(Files.readString(key)), parseCertificate(Files.readString(certificate))));
    } catch (NoSuchFileException absent) {
      CertificateAuthority made = create(now);
      // the certificate comes last: whoever sees it finds its key
      PrivateFiles.write(key, made.own.keyPem());
      PrivateFiles.write(certificate, made.own.certificatePem());
      return made;
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw new IOException(
          "cannot use the certificate authority in "
              + directory
              + ": "
              + e.getMessage()
              + "; restore both files, or remove both for a new one",
          e);
    }
  }

  private static PrivateKey parseKey(String text) throws GeneralSecurityException {
    return KeyFactory.getInstance("EC")
        .generatePrivate(new PKCS8EncodedKeySpec(Pem.decode("PRIVATE KEY", text)));
  }

  private static X509Certificate parseCertificate(String text) throws GeneralSecurityException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(Pem.decode("CERTIFICATE", text)));
  }

  private static CertificateAuthority create(Instant now) {
    KeyPair keys = newKeys();
    X500Name name = name("jctl-ca", List.of());
    try {
      X509v3CertificateBuilder builder = builder(name, name, keys, now);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      return new CertificateAuthority(signed(builder, keys.getPrivate(), keys.getPrivate()));
    } catch (CertIOException e) {
      throw new IllegalStateException(e);
    }
  }

  public X509Certificate certificate() {
    return own.certificate();
  }

  public String certificatePem() {
    return own.certificatePem();
  }

  /**
   * @param hosts DNS names and IP addresses under which clients reach the server
   */
  public KeyPairAndCertificate issueServer(List<Host> hosts, Instant now) {
    GeneralName[] names =
        hosts.stream()
            .map(
                host ->
                    new GeneralName(
                        host.isAddress() ? GeneralName.iPAddress : GeneralName.dNSName,
                        host.text()))
            .toArray(GeneralName[]::new);
    return issue(name("jctl-controller", List.of()), KeyPurposeId.id_kp_serverAuth, now, names);
  }

  /** Of a client: the user is the common name, the groups are the organizations. */
  public KeyPairAndCertificate issueClient(String user, List<String> groups, Instant now) {
    return issue(name(user, groups), KeyPurposeId.id_kp_clientAuth, now);
  }

  /** What a certificate is for: a DNS name or an IP address. */
  public record Host(String text, boolean isAddress) {}

  private KeyPairAndCertificate issue(
      X500Name subject, KeyPurposeId purpose, Instant now, GeneralName... hosts) {
    KeyPair keys = newKeys();
    X500Name issuer =
        X500Name.getInstance(own.certificate().getSubjectX500Principal().getEncoded());
    try {
      X509v3CertificateBuilder builder = builder(issuer, subject, keys, now);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
      if (hosts.length > 0) {
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(hosts));
      }
      return signed(builder, keys.getPrivate(), own.key());
    } catch (CertIOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, KeyPair keys, Instant now) {
    return new JcaX509v3CertificateBuilder(
        issuer,
        new BigInteger(127, new SecureRandom()),
        Date.from(now.minus(SKEW)),
        Date.from(now.plus(LIFETIME)),
        subject,
        keys.getPublic());
  }

  private static KeyPairAndCertificate signed(
      X509v3CertificateBuilder builder, PrivateKey key, PrivateKey signer) {
    try {
      return new KeyPairAndCertificate(
          key,
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer))));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("every JDK signs with ECDSA", e);
    }
  }

  private static X500Name name(String commonName, List<String> organizations) {
    X500NameBuilder name = new X500NameBuilder(BCStyle.INSTANCE);
    organizations.forEach(organization -> name.addRDN(BCStyle.O, organization));
    return name.addRDN(BCStyle.CN, commonName).build();
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }
}
