package dev.jctl.controller.git;

import java.util.List;
import java.util.Map;

/**
 * Public keys of those whose commits are followed.
 *
 * @param allowedSigners lines as in OpenSSH's file; ssh-keygen(1), ALLOWED SIGNERS; may be empty
 * @param openPgp armored key rings; RFC 9580
 */
public record TrustedKeys(String allowedSigners, List<String> openPgp) {
  private static final String SIGNERS = "allowed_signers";
  private static final String ARMOR = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

  public TrustedKeys {
    openPgp = List.copyOf(openPgp);
  }

  /** Of a Secret or ConfigMap: {@code allowed_signers}, and each text that is an armored key. */
  public static TrustedKeys of(Map<String, String> texts) {
    return new TrustedKeys(
        texts.getOrDefault(SIGNERS, ""),
        texts.values().stream().filter(text -> text.contains(ARMOR)).toList());
  }

  public boolean isEmpty() {
    return allowedSigners.isBlank() && openPgp.isEmpty();
  }
}
