package dev.jctl.shim.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The attributes of a message by type; of repeated ones the last. */
record Attributes(Map<Integer, ByteBuffer> values) {
  private static final int TYPE_MASK = 0x3fff;

  Attributes {
    values = Map.copyOf(values);
  }

  /** What is cut short at the end is left out, as the kernel's own parser does. */
  static Attributes parse(ByteBuffer bytes) {
    ByteBuffer in = bytes.slice().order(ByteOrder.nativeOrder());
    Map<Integer, ByteBuffer> values = new HashMap<>();
    while (in.remaining() >= 4) {
      int at = in.position();
      int length = Short.toUnsignedInt(in.getShort(at));
      if (length < 4 || length > in.remaining()) {
        break;
      }
      ByteBuffer value = in.slice(at + 4, length - 4).order(ByteOrder.nativeOrder());
      values.put(in.getShort(at + 2) & TYPE_MASK, value);
      in.position(Math.min(in.limit(), at + (length + 3) / 4 * 4));
    }
    return new Attributes(values);
  }

  Optional<byte[]> bytes(int type) {
    return Optional.ofNullable(values.get(type))
        .map(
            value -> {
              byte[] copy = new byte[value.remaining()];
              value.duplicate().get(copy);
              return copy;
            });
  }

  int u32(int type, int absent) {
    ByteBuffer value = values.get(type);
    return value == null || value.remaining() < 4
        ? absent
        : value.duplicate().order(ByteOrder.nativeOrder()).getInt();
  }

  String string(int type) {
    return bytes(type)
        .map(value -> new String(value, StandardCharsets.UTF_8).replaceFirst("\0.*", ""))
        .orElse("");
  }

  Optional<InetAddress> address(int type) {
    return bytes(type).filter(b -> b.length == 4 || b.length == 16).map(Cidr::of);
  }

  Attributes nested(int type) {
    ByteBuffer value = values.get(type);
    return value == null ? new Attributes(Map.of()) : parse(value);
  }
}
