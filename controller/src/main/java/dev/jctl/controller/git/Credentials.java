package dev.jctl.controller.git;

/** Who asks. Nothing here prints what it holds. */
public sealed interface Credentials {
  record None() implements Credentials {}

  record Password(String user, String password) implements Credentials {
    @Override
    public String toString() {
      return "Password[" + user + "]";
    }
  }

  /** RFC 6750. */
  record Bearer(String token) implements Credentials {
    @Override
    public String toString() {
      return "Bearer";
    }
  }

  /**
   * @param identity a private key in OpenSSH's or PEM form
   * @param passphrase of the key; empty: none
   * @param knownHosts lines as in OpenSSH's file of that name; sshd(8)
   */
  record SshKey(String identity, String passphrase, String knownHosts) implements Credentials {
    @Override
    public String toString() {
      return "SshKey";
    }
  }
}
