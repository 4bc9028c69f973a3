package dev.jctl.images.trust;

import dev.jctl.images.oci.JsonCursor;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.trust.ImageSignature.Refused;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/**
 * What a transparency log has promised to keep: that a signature was there at a time.
 *
 * @param body of a {@code hashedrekord}
 * @see <a href="https://docs.sigstore.dev/logging/overview/">Rekor, signed entry timestamps</a>
 */
record LogEntry(JsonCursor body, Instant time) {
  /**
   * @param bundle as cosign annotates it
   */
  static LogEntry parse(String bundle, PublicKey log) throws Refused {
    JsonCursor root = JsonCursor.parse("bundle", bundle.getBytes(StandardCharsets.UTF_8));
    JsonCursor payload = root.required("Payload");
    String body = payload.required("body").text();
    long seconds = payload.required("integratedTime").size();
    // RFC 8785: names in order, no space; neither base64 nor hex needs an escape
    String canonical =
        "{\"body\":\"%s\",\"integratedTime\":%d,\"logID\":\"%s\",\"logIndex\":%d}"
            .formatted(
                body,
                seconds,
                payload.required("logID").text(),
                payload.required("logIndex").size());
    byte[] promise = Base64.getDecoder().decode(root.required("SignedEntryTimestamp").text());
    if (!ImageSignature.verifies(log, canonical.getBytes(StandardCharsets.UTF_8), promise)) {
      throw new Refused("the policy's log has not promised to keep it");
    }
    return new LogEntry(
        JsonCursor.parse("log entry", Base64.getDecoder().decode(body)),
        Instant.ofEpochSecond(seconds));
  }

  void isOf(byte[] content, byte[] signature, X509Certificate certificate) throws Refused {
    JsonCursor spec = body.required("spec");
    String hash = spec.required("data").required("hash").required("value").text();
    JsonCursor signed = spec.required("signature");
    byte[] logged = Base64.getDecoder().decode(signed.required("content").text());
    String pem =
        new String(
            Base64.getDecoder().decode(signed.required("publicKey").required("content").text()),
            StandardCharsets.US_ASCII);
    try {
      if (!hash.equals(Digest.of(content).hex())
          || !Arrays.equals(logged, signature)
          || !Pem.certificates(pem).contains(certificate)) {
        throw new Refused("its log entry is another signature's");
      }
    } catch (GeneralSecurityException e) {
      throw new Refused("the certificate in its log entry cannot be read: " + e.getMessage());
    }
  }
}
