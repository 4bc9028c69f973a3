package dev.jctl.shim.nftables;

import java.io.Serial;

/** libnftables is missing, or refused a transaction; then nothing of it took effect. */
public final class NftablesException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** What the kernel or the machine does not have, rather than what was asked for, is at fault. */
  public boolean lacksKernel() {
    String message = String.valueOf(getMessage());
    return message.contains("not supported") || getCause() instanceof UnsatisfiedLinkError;
  }

  NftablesException(String message) {
    super(message);
  }

  NftablesException(String message, Throwable cause) {
    super(message, cause);
  }
}
