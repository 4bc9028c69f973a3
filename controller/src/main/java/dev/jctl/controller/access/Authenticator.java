package dev.jctl.controller.access;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/**
 * Proves who a remote client is: by a certificate of our authority (common name: user,
 * organizations: groups) or else a bearer token, as kube-apiserver does, or the same token as the
 * password of HTTP's basic authentication, as clients of registries have it.
 */
public final class Authenticator {
  private static final String BEARER = "bearer ";
  private static final String BASIC = "basic ";

  private final List<BearerTokens> tokens;

  /** {@code tokens}: asked in turn. */
  public Authenticator(List<BearerTokens> tokens) {
    this.tokens = List.copyOf(tokens);
  }

  /**
   * @param certificate of the client, already verified against the authority; empty for none
   * @param authorization the header of that name; empty for none
   */
  public Optional<Identity> identify(Optional<X509Certificate> certificate, String authorization) {
    if (certificate.isPresent()) {
      return subject(certificate.get());
    }
    if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return bearer(authorization.substring(BEARER.length()).strip());
    }
    return authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())
        ? password(authorization.substring(BASIC.length()).strip()).flatMap(this::bearer)
        : Optional.empty();
  }

  /** RFC 7617. The token says who it is: the user's name is not looked at. */
  private static Optional<String> password(String credentials) {
    try {
      String decoded = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
      int colon = decoded.indexOf(':');
      return colon < 0 ? Optional.empty() : Optional.of(decoded.substring(colon + 1));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Of a token alone, as TokenReview asks. {@code audiences}: none for this API's own. */
  public Optional<BearerTokens.Holder> holder(String token, List<String> audiences) {
    List<String> wanted = audiences.isEmpty() ? List.of(AccountTokens.ISSUER) : audiences;
    return tokens.stream().flatMap(sort -> sort.holder(token, wanted).stream()).findFirst();
  }

  private Optional<Identity> bearer(String token) {
    return tokens.stream().flatMap(sort -> sort.identity(token).stream()).findFirst();
  }

  private static Optional<Identity> subject(X509Certificate certificate) {
    X500Name name = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    List<String> users = new ArrayList<>();
    List<String> groups = new ArrayList<>();
    for (RDN part : name.getRDNs()) {
      String value = IETFUtils.valueToString(part.getFirst().getValue());
      if (part.getFirst().getType().equals(BCStyle.CN)) {
        users.add(value);
      } else if (part.getFirst().getType().equals(BCStyle.O)) {
        groups.add(value);
      }
    }
    return users.size() == 1
        ? Optional.of(Identity.of(users.getFirst(), groups))
        : Optional.empty();
  }
}
