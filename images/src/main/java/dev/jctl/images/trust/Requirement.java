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
   * @param repository that the signature must be about; null: the one that is pulled from
   */
  record SigstoreSigned(
      List<PublicKey> keys, @Nullable Authority authority, @Nullable String repository)
      implements Requirement {
    public SigstoreSigned {
      keys = List.copyOf(keys);
    }
  }

  /**
   * Who vouches for keys that live for minutes.
   *
   * @param roots that certificates must lead to
   * @param issuer of the identity, an OpenID Connect provider
   * @param subject the identity: an email address or a URI
   * @param log the key of the log that says when a signature was made
   */
  record Authority(List<X509Certificate> roots, String issuer, String subject, PublicKey log) {
    public Authority {
      roots = List.copyOf(roots);
    }
  }
}
