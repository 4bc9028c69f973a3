package dev.jctl.shim.kernel;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * SHA-256 by libcrypto. A JVM without its optimising compiler, as ours are to stay small, hashes 90
 * MB/s; libcrypto with the processor's own instructions more than ten times as much.
 */
public final class NativeSha256 extends MessageDigest {
  /** What is hashed by the JDK before libcrypto is loaded: that takes about as long. */
  private static final long WORTH_BYTES = 8 << 20;

  private static final int DIGEST_BYTES = 32;

  /** {@code SHA256_CTX} has 112 bytes. */
  private static final int CONTEXT_BYTES = 128;

  private static final int STAGING_BYTES = 64 << 10;

  private final LibCrypto crypto;
  private final NativeMemory context = NativeMemory.allocate(CONTEXT_BYTES).freedWhenUnreachable();
  private final NativeMemory staging = NativeMemory.allocate(STAGING_BYTES).freedWhenUnreachable();

  private NativeSha256(LibCrypto crypto) {
    super("SHA-256");
    this.crypto = crypto;
    engineReset();
  }

  /**
   * The quickest that there is.
   *
   * @param expectedBytes roughly how much will be hashed
   */
  public static MessageDigest of(long expectedBytes) {
    LibCrypto loaded = expectedBytes < WORTH_BYTES ? null : LibCrypto.INSTANCE;
    return loaded == null ? ofJdk() : new NativeSha256(loaded);
  }

  private static MessageDigest ofJdk() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  protected void engineReset() {
    check(crypto.SHA256_Init(context), "SHA256_Init");
  }

  @Override
  protected void engineUpdate(byte input) {
    engineUpdate(new byte[] {input}, 0, 1);
  }

  @Override
  protected void engineUpdate(byte[] input, int offset, int length) {
    for (int done = 0; done < length; done += STAGING_BYTES) {
      int count = Math.min(STAGING_BYTES, length - done);
      staging.putBytes(input, offset + done, count);
      check(crypto.SHA256_Update(context, staging, count), "SHA256_Update");
    }
  }

  @Override
  protected byte[] engineDigest() {
    check(crypto.SHA256_Final(staging, context), "SHA256_Final");
    byte[] digest = staging.getBytes(0, DIGEST_BYTES);
    engineReset();
    return digest;
  }

  @Override
  protected int engineGetDigestLength() {
    return DIGEST_BYTES;
  }

  private static void check(int result, String call) {
    if (result != 1) {
      throw new IllegalStateException(call + " failed");
    }
  }
}
