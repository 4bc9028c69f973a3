package dev.jctl.controller.git;

import dev.jctl.controller.git.GitException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.bcpg.ArmoredInputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;
import org.bouncycastle.openpgp.bc.BcPGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;
import org.jspecify.annotations.Nullable;

/** Detached signatures of RFC 9580, with keys that are given. */
final class OpenPgpSignatures {
  private OpenPgpSignatures() {}

  /**
   * Who signed.
   *
   * @param armored key rings
   * @throws GitException when it was nobody who has one of the keys
   */
  static String signer(List<String> armored, byte[] signed, String signature) throws IOException {
    PGPSignature parsed = parse(signature);
    for (String keys : armored) {
      PGPPublicKeyRing ring = ring(keys, parsed.getKeyID());
      if (ring != null) {
        check(parsed, ring, signed);
        return named(ring.getPublicKey());
      }
    }
    throw CommitSignatures.untrusted("there is no OpenPGP key %016X".formatted(parsed.getKeyID()));
  }

  private static PGPSignature parse(String armored) throws IOException {
    try (InputStream in = armor(armored)) {
      if (new BcPGPObjectFactory(in).nextObject() instanceof PGPSignatureList list
          && !list.isEmpty()) {
        return list.get(0);
      }
    } catch (IOException | RuntimeException e) {
      throw CommitSignatures.untrusted("its OpenPGP signature cannot be read: " + e.getMessage());
    }
    throw CommitSignatures.untrusted("its OpenPGP signature cannot be read");
  }

  private static InputStream armor(String text) throws IOException {
    return new ArmoredInputStream(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)));
  }

  private static @Nullable PGPPublicKeyRing ring(String armored, long id) {
    try (InputStream in = armor(armored)) {
      PGPPublicKeyRingCollection rings = new BcPGPPublicKeyRingCollection(in);
      return rings.getPublicKeyRing(id);
    } catch (IOException | PGPException | RuntimeException e) {
      throw new GitException(
          Reason.BAD_KEYS, "spec.verify has an OpenPGP key that cannot be read: " + e.getMessage());
    }
  }

  private static void check(PGPSignature signature, PGPPublicKeyRing ring, byte[] signed) {
    PGPPublicKey key = ring.getPublicKey(signature.getKeyID());
    String name = named(ring.getPublicKey());
    Instant when = signature.getCreationTime().toInstant();
    if (key.hasRevocation() || ring.getPublicKey().hasRevocation()) {
      throw CommitSignatures.untrusted("the OpenPGP key of " + name + " is revoked");
    }
    if (isExpired(key, when) || isExpired(ring.getPublicKey(), when)) {
      throw CommitSignatures.untrusted("the OpenPGP key of " + name + " had expired by then");
    }
    if (isWeak(signature.getHashAlgorithm())) {
      throw CommitSignatures.untrusted("the signature of " + name + " uses MD5 or SHA-1");
    }
    if (!verifies(signature, key, signed)) {
      throw CommitSignatures.untrusted("the signature of " + name + " is not of this commit");
    }
  }

  private static boolean verifies(PGPSignature signature, PGPPublicKey key, byte[] signed) {
    try {
      signature.init(new BcPGPContentVerifierBuilderProvider(), key);
      signature.update(signed);
      return signature.verify();
    } catch (PGPException e) {
      return false;
    }
  }

  private static boolean isExpired(PGPPublicKey key, Instant when) {
    long seconds = key.getValidSeconds();
    return seconds > 0 && when.isAfter(key.getCreationTime().toInstant().plusSeconds(seconds));
  }

  private static boolean isWeak(int hash) {
    return hash == HashAlgorithmTags.MD5 || hash == HashAlgorithmTags.SHA1;
  }

  private static String named(PGPPublicKey key) {
    var users = key.getUserIDs();
    String fingerprint = HexFormat.of().formatHex(key.getFingerprint()).toUpperCase(Locale.ROOT);
    return (users.hasNext() ? users.next() : "unnamed") + " (OpenPGP key " + fingerprint + ")";
  }
}
