package dev.jctl.shim.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A received message: the header's fields and what follows it. */
record NetlinkMessage(int type, int flags, int sequence, ByteBuffer body) {
  private static final int HEADER = 16;
  private static final int NLMSG_ERROR = 2;
  private static final int NLMSG_DONE = 3;
  private static final int NLM_F_CAPPED = 0x100;
  private static final int NLM_F_ACK_TLVS = 0x200;
  private static final int NLMSGERR_ATTR_MSG = 1;

  /** All messages of one datagram. A damaged length ends it. */
  static List<NetlinkMessage> parse(ByteBuffer datagram) {
    ByteBuffer in = datagram.slice().order(ByteOrder.nativeOrder());
    List<NetlinkMessage> messages = new ArrayList<>();
    while (in.remaining() >= HEADER) {
      int at = in.position();
      int length = in.getInt(at);
      if (length < HEADER || length > in.remaining()) {
        break;
      }
      ByteBuffer body = in.slice(at + HEADER, length - HEADER).order(ByteOrder.nativeOrder());
      messages.add(
          new NetlinkMessage(
              Short.toUnsignedInt(in.getShort(at + 4)),
              Short.toUnsignedInt(in.getShort(at + 6)),
              in.getInt(at + 8),
              body));
      in.position(Math.min(in.limit(), at + (length + 3) / 4 * 4));
    }
    return messages;
  }

  /** Acknowledgement, refusal or end of a dump: nothing more follows for this sequence number. */
  boolean last() {
    return type == NLMSG_ERROR || type == NLMSG_DONE;
  }

  /** Positive errno, 0 for success. */
  int errno() {
    return last() && body.remaining() >= 4 ? -body.getInt(body.position()) : 0;
  }

  /** The kernel's own explanation (NETLINK_EXT_ACK), or an empty string. */
  String explanation() {
    if (type != NLMSG_ERROR || (flags & NLM_F_ACK_TLVS) == 0) {
      return "";
    }
    int echoed =
        (flags & NLM_F_CAPPED) != 0 ? HEADER : (body.getInt(body.position() + 4) + 3) / 4 * 4;
    int offset = 4 + echoed;
    if (offset > body.remaining()) {
      return "";
    }
    ByteBuffer attributes = body.slice(body.position() + offset, body.remaining() - offset);
    return Attributes.parse(attributes).string(NLMSGERR_ATTR_MSG);
  }

  Attributes attributes(int fixedPart) {
    if (body.remaining() < fixedPart) {
      return Attributes.parse(ByteBuffer.allocate(0));
    }
    return Attributes.parse(body.slice(body.position() + fixedPart, body.remaining() - fixedPart));
  }
}
