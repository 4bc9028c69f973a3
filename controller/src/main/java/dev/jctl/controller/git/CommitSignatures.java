package dev.jctl.controller.git;

import dev.jctl.controller.git.GitException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.GpgConfig;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.SignatureVerifier.SignatureVerification;
import org.eclipse.jgit.lib.SignatureVerifier.TrustLevel;
import org.eclipse.jgit.lib.SignatureVerifiers;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.util.RawParseUtils;

/** Whether a commit is signed by somebody who is trusted; git-commit(1), --gpg-sign. */
final class CommitSignatures {
  private static final byte[] HEADER = "gpgsig".getBytes(StandardCharsets.US_ASCII);
  private static final String OPEN_PGP = "-----BEGIN PGP SIGNATURE-----";
  private static final String SSH = "-----BEGIN SSH SIGNATURE-----";

  private final Repository repository;
  private final TrustedKeys keys;

  CommitSignatures(Repository repository, TrustedKeys keys) {
    this.repository = repository;
    this.keys = keys;
  }

  /**
   * Who signed it.
   *
   * @throws GitException when nobody did, or nobody who is trusted
   */
  String signer(ObjectId id) throws IOException {
    RevCommit commit;
    try (RevWalk walk = new RevWalk(repository)) {
      commit = walk.parseCommit(id);
    }
    byte[] raw = commit.getRawBuffer();
    int start = RawParseUtils.headerStart(HEADER, raw, 0);
    if (start < 0) {
      throw new GitException(
          Reason.UNSIGNED_COMMIT,
          "the commit is not signed; sign it (git commit -S) with a key of spec.verify");
    }
    int end = Math.min(raw.length, RawParseUtils.nextLfSkippingSplitLines(raw, start) + 1);
    String signature =
        new String(raw, start, end - start, StandardCharsets.US_ASCII).replace("\n ", "\n");
    byte[] signed = without(raw, start - HEADER.length - 1, end);
    if (signature.startsWith(OPEN_PGP)) {
      return OpenPgpSignatures.signer(keys.openPgp(), signed, signature);
    }
    if (signature.startsWith(SSH)) {
      return sshSigner(signed, signature);
    }
    throw untrusted("its signature is neither SSH's nor OpenPGP's");
  }

  private static byte[] without(byte[] bytes, int start, int end) {
    byte[] rest = new byte[bytes.length - (end - start)];
    System.arraycopy(bytes, 0, rest, 0, start);
    System.arraycopy(bytes, end, rest, start, bytes.length - end);
    return rest;
  }

  /** JGit wants the signers in a file. */
  private String sshSigner(byte[] signed, String signature) throws IOException {
    Path signers = Files.createTempFile(repository.getDirectory().toPath(), "allowed-signers", "");
    try {
      Files.writeString(signers, keys.allowedSigners());
      Config config = new Config();
      config.setString("gpg", "ssh", "allowedSignersFile", signers.toString());
      SignatureVerification result =
          SignatureVerifiers.verify(
              repository,
              new GpgConfig(config),
              signed,
              signature.getBytes(StandardCharsets.US_ASCII));
      if (result == null || !isTrusted(result)) {
        throw untrusted(
            result == null ? "its SSH signature cannot be read" : "SSH " + described(result));
      }
      return result.keyUser() + " (SSH key " + result.keyFingerprint() + ")";
    } finally {
      Files.deleteIfExists(signers);
    }
  }

  private static boolean isTrusted(SignatureVerification result) {
    return result.verified()
        && !result.expired()
        && (result.trustLevel() == TrustLevel.FULL || result.trustLevel() == TrustLevel.ULTIMATE);
  }

  private static String described(SignatureVerification result) {
    String key = result.keyFingerprint() == null ? "key" : "key " + result.keyFingerprint();
    String message = result.message() == null ? "" : ": " + result.message().strip();
    return key + " is not among allowed_signers, or not for this" + message;
  }

  static GitException untrusted(String why) {
    return new GitException(
        Reason.UNTRUSTED_SIGNATURE,
        "the commit is signed by nobody that spec.verify names: " + why);
  }
}
