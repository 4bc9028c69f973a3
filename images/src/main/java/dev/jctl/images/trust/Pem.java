package dev.jctl.images.trust;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys and certificates in text. RFC 7468. */
final class Pem {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PUBLIC KEY-----([^-]+)-----END PUBLIC KEY-----");
  private static final List<String> ALGORITHMS = List.of("EC", "RSA", "Ed25519");

  private Pem() {}

  static PublicKey publicKey(String text) throws GeneralSecurityException {
    Matcher key = KEY.matcher(text);
    if (!key.find()) {
      throw new InvalidKeySpecException("it has no PUBLIC KEY");
    }
    X509EncodedKeySpec encoded;
    try {
      encoded = new X509EncodedKeySpec(Base64.getMimeDecoder().decode(key.group(1)));
    } catch (IllegalArgumentException e) {
      throw new InvalidKeySpecException("its PUBLIC KEY is not base64", e);
    }
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePublic(encoded);
      } catch (InvalidKeySpecException e) {
        // of another kind
      }
    }
    throw new InvalidKeySpecException("its PUBLIC KEY is none of " + ALGORITHMS);
  }

  static List<X509Certificate> certificates(String text) throws CertificateException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)))
        .stream()
        .map(X509Certificate.class::cast)
        .toList();
  }
}
