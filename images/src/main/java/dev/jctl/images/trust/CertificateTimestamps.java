package dev.jctl.images.trust;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * The promises within a certificate that a log of certificates publishes it: somebody who got hold
 * of the authority cannot use it unseen. RFC 6962, 3.2 and 3.3.
 */
record CertificateTimestamps(X509Certificate certificate, PublicKey issuer) {
  private static final String LIST = "1.3.6.1.4.1.11129.2.4.2";

  /** The same in DER. */
  private static final byte[] LIST_OID = HexFormat.of().parseHex("060a2b06010401d679020402");

  private static final byte EXTENSIONS = (byte) 0xa3;
  private static final byte SEQUENCE = 0x30;
  private static final int ID_BYTES = 32;

  /** Whether that log has made one of them. */
  boolean isPromisedBy(PublicKey log) throws GeneralSecurityException {
    byte[] extension = certificate.getExtensionValue(LIST);
    if (extension == null) {
      return false;
    }
    try {
      ByteBuffer list = vector(ByteBuffer.wrap(Der.content(Der.content(extension))));
      while (list.hasRemaining()) {
        if (isPromise(vector(list), log)) {
          return true;
        }
      }
      return false;
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("its list of timestamps is cut off", e);
    }
  }

  /** As many bytes as the two before them say. */
  private static ByteBuffer vector(ByteBuffer in) {
    int length = Short.toUnsignedInt(in.getShort());
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    ByteBuffer vector = in.slice(in.position(), length);
    in.position(in.position() + length);
    return vector;
  }

  private boolean isPromise(ByteBuffer timestamp, PublicKey log) throws GeneralSecurityException {
    byte version = timestamp.get();
    byte[] logId = new byte[ID_BYTES];
    timestamp.get(logId);
    long time = timestamp.getLong();
    ByteBuffer extensions = vector(timestamp);
    timestamp.getShort(); // hash and kind of the signature: the key's
    ByteBuffer signature = vector(timestamp);
    return version == 0
        && Arrays.equals(logId, sha256(log))
        && SignatureForm.verifies(log, promise(time, extensions), bytes(signature));
  }

  /** What the log has signed: RFC 6962, 3.2, of a precertificate. */
  private byte[] promise(long time, ByteBuffer extensions) throws GeneralSecurityException {
    byte[] withoutList = precertificate();
    ByteBuffer out =
        ByteBuffer.allocate(
            2 + 8 + 2 + ID_BYTES + 3 + withoutList.length + 2 + extensions.remaining());
    out.put((byte) 0).put((byte) 0).putLong(time).putShort((short) 1).put(sha256(issuer));
    out.put((byte) (withoutList.length >> 16)).putShort((short) withoutList.length);
    out.put(withoutList).putShort((short) extensions.remaining()).put(extensions);
    return out.array();
  }

  private byte[] precertificate() throws GeneralSecurityException {
    List<byte[]> parts = new ArrayList<>();
    for (byte[] part : Der.parts(certificate.getTBSCertificate())) {
      parts.add(part[0] == EXTENSIONS ? withoutList(part) : part);
    }
    return Der.value(SEQUENCE, parts);
  }

  private static byte[] withoutList(byte[] extensions) {
    List<byte[]> kept =
        Der.parts(Der.parts(extensions).getFirst()).stream()
            .filter(extension -> !Arrays.equals(Der.parts(extension).getFirst(), LIST_OID))
            .toList();
    return Der.value(EXTENSIONS, List.of(Der.value(SEQUENCE, kept)));
  }

  private static byte[] sha256(PublicKey key) throws GeneralSecurityException {
    return MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
