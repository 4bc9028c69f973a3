package dev.jctl.shim.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Appends one message: its header (netlink(7)), a fixed part, then attributes, each aligned to 4
 * bytes. Lengths are filled in when a part is closed.
 */
final class MessageWriter {
  private static final int NLA_F_NESTED = 0x8000;

  private final ByteBuffer out;
  private final int start;

  MessageWriter(ByteBuffer out, int type, int flags, int sequence) {
    this.out = out.order(ByteOrder.nativeOrder());
    this.start = out.position();
    out.putInt(0).putShort((short) type).putShort((short) flags).putInt(sequence).putInt(0);
  }

  MessageWriter u8(int value) {
    out.put((byte) value);
    return this;
  }

  MessageWriter u16(int value) {
    out.putShort((short) value);
    return this;
  }

  MessageWriter u32(int value) {
    out.putInt(value);
    return this;
  }

  MessageWriter attribute(int type, byte[] value) {
    out.putShort((short) (4 + value.length)).putShort((short) type).put(value);
    return align();
  }

  MessageWriter attribute(int type, int value) {
    out.putShort((short) 8).putShort((short) type).putInt(value);
    return this;
  }

  MessageWriter byteAttribute(int type, int value) {
    return attribute(type, new byte[] {(byte) value});
  }

  MessageWriter shortAttribute(int type, int value) {
    byte[] bytes = new byte[Short.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putShort((short) value);
    return attribute(type, bytes);
  }

  MessageWriter attribute(int type, String value) {
    return attribute(type, (value + "\0").getBytes(StandardCharsets.UTF_8));
  }

  MessageWriter nested(int type, Consumer<MessageWriter> content) {
    int at = out.position();
    out.putShort((short) 0).putShort((short) (type | NLA_F_NESTED));
    content.accept(this);
    out.putShort(at, (short) (out.position() - at));
    return this;
  }

  void end() {
    out.putInt(start, out.position() - start);
  }

  private MessageWriter align() {
    while ((out.position() - start) % 4 != 0) {
      out.put((byte) 0);
    }
    return this;
  }
}
