package dev.jctl.shim.kernel;

import com.kenai.jffi.Library;
import org.jspecify.annotations.Nullable;

/**
 * The functions of OpenSSL that are used, by their C names; each gives 1 when all is well.
 *
 * @see <a href="https://docs.openssl.org/3.0/man3/SHA256_Init/">SHA256_Init(3)</a>
 */
final class LibCrypto {
  /** Loaded once; null when it is not installed. */
  static final @Nullable LibCrypto INSTANCE = load();

  private final NativeFunction init;
  private final NativeFunction update;
  private final NativeFunction finish;

  private LibCrypto(Library library) {
    this.init = NativeFunction.of(library, "SHA256_Init", 1);
    this.update = NativeFunction.of(library, "SHA256_Update", 3);
    this.finish = NativeFunction.of(library, "SHA256_Final", 2);
  }

  private static @Nullable LibCrypto load() {
    Library library = Library.getCachedInstance("libcrypto.so.3", Library.LAZY | Library.LOCAL);
    try {
      return library == null ? null : new LibCrypto(library);
    } catch (UnsatisfiedLinkError e) {
      return null; // built without what is deprecated
    }
  }

  int SHA256_Init(NativeMemory context) {
    return (int) init.call(context.address());
  }

  int SHA256_Update(NativeMemory context, NativeMemory bytes, long count) {
    return (int) update.call(context.address(), bytes.address(), count);
  }

  int SHA256_Final(NativeMemory digest, NativeMemory context) {
    return (int) finish.call(digest.address(), context.address());
  }
}
