package dev.jctl.store;

import java.io.Serial;

/**
 * The revision asked for is compacted; the oldest that can be asked for is {@link
 * #compactedRevision}.
 */
public final class CompactedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;
  private final long compactedRevision;

  public CompactedException(long asked, long compactedRevision) {
    super("revision " + asked + " is compacted; the oldest kept is " + compactedRevision);
    this.compactedRevision = compactedRevision;
  }

  public long compactedRevision() {
    return compactedRevision;
  }
}
