package dev.jctl.shim.netlink;

import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.NetlinkDescriptor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The number that the kernel counts up with each transaction on nftables in a namespace: as long as
 * it stays, no table has changed. A few microseconds, where listing takes milliseconds.
 */
public final class RulesetGeneration implements AutoCloseable {
  private static final int NFT_MSG_GETGEN = 10 << 8 | 16;
  private static final int NFGENMSG = 4;
  private static final int NFTA_GEN_ID = 1;

  private final NetlinkDescriptor socket = new NetlinkDescriptor(NetlinkDescriptor.NETFILTER);
  private int sequence;

  public int current() {
    ByteBuffer out = ByteBuffer.allocate(32);
    new MessageWriter(out, NFT_MSG_GETGEN, RouteCodec.NLM_F_REQUEST, ++sequence).u32(0).end();
    socket.send(out.flip());
    while (true) {
      for (NetlinkMessage message : NetlinkMessage.parse(socket.receive().bytes())) {
        if (message.errno() != 0) {
          throw new KernelException("nftables generation", message.errno());
        }
        if (message.sequence() == sequence) {
          return message
              .attributes(NFGENMSG)
              .bytes(NFTA_GEN_ID)
              .map(bytes -> ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN).getInt())
              .orElse(0);
        }
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
