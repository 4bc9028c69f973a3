package dev.jctl.shim.nftables;

import java.io.Serial;

/** libnftables is missing, or refused a transaction; then nothing of it took effect. */
public final class NftablesException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  NftablesException(String message) {
    super(message);
  }

  NftablesException(String message, Throwable cause) {
    super(message, cause);
  }
}
