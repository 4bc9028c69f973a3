package dev.jctl.images.trust;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an image must have to be used. containers-policy.json(5), "Policy Requirements". */
public sealed interface Requirement {
  record AcceptAnything() implements Requirement {}

  record Reject() implements Requirement {}

  /**
   * A signature by one of the keys, or by somebody that the authority knows.
   *
   * @param identity what the signature must be about beside the manifest
   */
  record SigstoreSigned(List<PublicKey> keys, @Nullable Authority authority, Identity identity)
      implements Requirement {
    public SigstoreSigned {
      keys = List.copyOf(keys);
    }
  }

  /** Which repository a signature must name. */
  sealed interface Identity {
    /** The image's. */
    record Own() implements Identity {}

    record Repository(String name) implements Identity {}

    /** None: one of the manifest counts wherever it is found. */
    record Any() implements Identity {}
  }

  /**
   * Who vouches for keys that live for minutes.
   *
   * @param roots that certificates must lead to
   * @param issuer of the identity, an OpenID Connect provider
   * @param subject the identity: an email address or a URI
   * @param logs keys of logs of which one must have a signature
   * @param timestampers certificates of those who say when a signature was made, where no log does,
   *     or of who vouches for them
   * @param certificateLog the key of the log that must have promised to publish the certificate;
   *     null: none
   */
  record Authority(
      List<X509Certificate> roots,
      String issuer,
      String subject,
      List<PublicKey> logs,
      List<X509Certificate> timestampers,
      @Nullable PublicKey certificateLog) {
    public Authority {
      roots = List.copyOf(roots);
      logs = List.copyOf(logs);
      timestampers = List.copyOf(timestampers);
    }
  }
}
