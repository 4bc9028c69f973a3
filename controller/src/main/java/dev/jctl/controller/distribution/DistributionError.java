package dev.jctl.controller.distribution;

import dev.jctl.images.ImageException;
import java.io.Serial;

/** What a client of the registry is told. OCI distribution spec 1.1, Error Codes. */
public final class DistributionError extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** With the status that goes with it. */
  public enum Code {
    BLOB_UNKNOWN(404),
    BLOB_UPLOAD_INVALID(416),
    BLOB_UPLOAD_UNKNOWN(404),
    DIGEST_INVALID(400),
    MANIFEST_BLOB_UNKNOWN(404),
    MANIFEST_INVALID(400),
    MANIFEST_UNKNOWN(404),
    NAME_INVALID(400),
    NAME_UNKNOWN(404),
    SIZE_INVALID(413),
    UNAUTHORIZED(401),
    DENIED(403),
    UNSUPPORTED(405),
    TOOMANYREQUESTS(429),
    UNKNOWN(500);

    private final int status;

    Code(int status) {
      this.status = status;
    }

    public int status() {
      return status;
    }
  }

  private final Code code;

  public DistributionError(Code code, String message) {
    super(message);
    this.code = code;
  }

  /** Of a manifest that was sent. */
  public static DistributionError ofManifest(ImageException e) {
    Code code =
        switch (e.reason()) {
          case DIGEST_MISMATCH -> Code.DIGEST_INVALID;
          case NOT_FOUND -> Code.MANIFEST_BLOB_UNKNOWN;
          case CORRUPT, UNSUPPORTED -> Code.MANIFEST_INVALID;
          default -> Code.UNKNOWN;
        };
    return new DistributionError(code, String.valueOf(e.getMessage()));
  }

  /** Of a blob that was asked for or sent. */
  public static DistributionError ofBlob(ImageException e) {
    Code code =
        switch (e.reason()) {
          case DIGEST_MISMATCH, CORRUPT, UNSUPPORTED -> Code.DIGEST_INVALID;
          default -> Code.UNKNOWN;
        };
    return new DistributionError(code, String.valueOf(e.getMessage()));
  }

  public Code code() {
    return code;
  }
}
