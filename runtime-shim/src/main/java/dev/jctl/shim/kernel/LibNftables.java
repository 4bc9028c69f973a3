package dev.jctl.shim.kernel;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;

/** libnftables(3), by its C names. Its buffers' text lives until the next run. */
public interface LibNftables {
  int NFT_CTX_OUTPUT_JSON = 1 << 4;

  /**
   * @throws UnsatisfiedLinkError when the library is not installed
   */
  static LibNftables load() {
    return LibraryLoader.create(LibNftables.class).failImmediately().load("libnftables.so.1");
  }

  Pointer nft_ctx_new(int flags);

  void nft_ctx_free(Pointer context);

  int nft_ctx_buffer_output(Pointer context);

  int nft_ctx_buffer_error(Pointer context);

  void nft_ctx_output_set_flags(Pointer context, int flags);

  int nft_run_cmd_from_buffer(Pointer context, String commands);

  String nft_ctx_get_output_buffer(Pointer context);

  String nft_ctx_get_error_buffer(Pointer context);
}
