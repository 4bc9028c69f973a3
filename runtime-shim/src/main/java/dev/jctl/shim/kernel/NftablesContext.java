package dev.jctl.shim.kernel;

import jnr.ffi.Pointer;

/**
 * A context of libnftables. It belongs to the network namespace of the thread that made it; for one
 * thread at a time.
 */
public final class NftablesContext implements AutoCloseable {
  private final LibNftables library;
  private final Pointer context;

  /**
   * @throws UnsatisfiedLinkError when the library is not installed
   */
  public NftablesContext() {
    library = LibNftables.load();
    context = library.nft_ctx_new(0);
    library.nft_ctx_buffer_output(context);
    library.nft_ctx_buffer_error(context);
  }

  public sealed interface Outcome {
    record Done(String output) implements Outcome {}

    record Refused(String errors) implements Outcome {}
  }

  /** All commands in one transaction. */
  public Outcome run(String commands) {
    return run(commands, 0);
  }

  /** What is listed comes as JSON. */
  public Outcome list(String command) {
    return run(command, LibNftables.NFT_CTX_OUTPUT_JSON);
  }

  private Outcome run(String commands, int flags) {
    library.nft_ctx_output_set_flags(context, flags);
    int result = library.nft_run_cmd_from_buffer(context, commands);
    String output = library.nft_ctx_get_output_buffer(context);
    String errors = library.nft_ctx_get_error_buffer(context);
    return result == 0 ? new Outcome.Done(output) : new Outcome.Refused(errors.strip());
  }

  @Override
  public void close() {
    library.nft_ctx_free(context);
  }
}
