package dev.jctl.controller.sops;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A small armored file of age(1), of one chunk; C2SP, age.md. */
final class AgeFile {
  private static final String BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
  private static final String END = "-----END AGE ENCRYPTED FILE-----";
  private static final String MAC_LINE = "---";
  private static final int NONCE = 16;

  private final byte[] content;

  /** Of the first byte after the header. */
  private final int payload;

  private final List<String> header;

  private AgeFile(byte[] content, int payload, List<String> header) {
    this.content = content;
    this.payload = payload;
    this.header = header;
  }

  /**
   * @throws IllegalArgumentException when it is not such a file
   */
  static AgeFile parse(String armored) {
    String text = armored.strip();
    if (!text.startsWith(BEGIN) || !text.endsWith(END)) {
      throw new IllegalArgumentException("expected an armored age file");
    }
    byte[] content =
        Base64.getMimeDecoder()
            .decode(text.substring(BEGIN.length(), text.length() - END.length()));
    String all = new String(content, StandardCharsets.ISO_8859_1);
    int mac = all.indexOf("\n" + MAC_LINE + " ");
    int end = all.indexOf('\n', mac + 1);
    if (mac < 0 || end < 0 || content.length < end + 1 + NONCE) {
      throw new IllegalArgumentException("the age file ends too early");
    }
    return new AgeFile(content, end + 1, all.substring(0, end).lines().toList());
  }

  /** What is in it; empty when it is for none of these. */
  Optional<byte[]> open(List<AgeIdentity> identities) throws GeneralSecurityException {
    for (int i = 1; i + 1 < header.size(); i++) {
      String[] words = header.get(i).split(" ", -1);
      if (words.length == 3 && words[0].equals("->") && words[1].equals("X25519")) {
        for (AgeIdentity identity : identities) {
          Optional<byte[]> key = identity.unwrap(decode(words[2]), decode(header.get(i + 1)));
          if (key.isPresent()) {
            return Optional.of(content(key.get()));
          }
        }
      }
    }
    return Optional.empty();
  }

  private static byte[] decode(String text) {
    return Base64.getDecoder().decode(text);
  }

  private byte[] content(byte[] key) throws GeneralSecurityException {
    String mac = header.getLast().substring(MAC_LINE.length() + 1);
    int signed = payload - 1 - mac.length() - 1;
    Mac hmac = Mac.getInstance("HmacSHA256");
    hmac.init(
        new SecretKeySpec(AgeIdentity.derive(key, new byte[0], ascii("header")), "HmacSHA256"));
    hmac.update(content, 0, signed);
    if (!MessageDigest.isEqual(hmac.doFinal(), decode(mac))) {
      throw new GeneralSecurityException("the header of the age file was changed");
    }
    byte[] nonce = Arrays.copyOfRange(content, payload, payload + NONCE);
    byte[] last = new byte[12];
    last[11] = 1;
    return AgeIdentity.open(
        AgeIdentity.derive(key, nonce, ascii("payload")),
        last,
        Arrays.copyOfRange(content, payload + NONCE, content.length));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
