package dev.jctl.images.build;

/**
 * Files of a commit of a git repository, as ADD and contexts of builds name them: {@code
 * URL[#[REF][:DIRECTORY]]}. Pure.
 *
 * @param ref a branch, a tag, a whole reference or a commit; empty: what the remote's HEAD is
 * @param subdirectory whose files they are; empty: all
 */
public record GitAddress(String url, String ref, String subdirectory) {
  /**
   * @throws IllegalArgumentException why it cannot be one, in words that go on after the address
   */
  public static GitAddress parse(String address) {
    if (address.matches("ssh://.*|git@.*")) {
      throw new IllegalArgumentException(
          "no key of yours is here for SSH; give https://, or clone it in a RUN with a secret");
    }
    if (!address.matches("(https?|git)://[^/?#].*")) {
      throw new IllegalArgumentException("expected https://, http:// or git:// and a host");
    }
    int hash = address.indexOf('#');
    String url = hash < 0 ? address : address.substring(0, hash);
    if (url.indexOf('?') >= 0) {
      throw new IllegalArgumentException(
          "expected what is wanted of it as #REF:DIRECTORY, not after ?");
    }
    String[] fragment = (hash < 0 ? "" : address.substring(hash + 1)).split(":", 2);
    return new GitAddress(
        url, fragment[0], fragment.length == 1 ? "" : Paths.within("/", fragment[1]).substring(1));
  }
}
