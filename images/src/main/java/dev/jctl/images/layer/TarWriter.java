package dev.jctl.images.layer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes ustar with pax headers where ustar cannot say it. Of our own, since layer digests hang on
 * every byte: they must not change with a library, and xattr values are binary.
 */
final class TarWriter {
  private static final int BLOCK = 512;
  private static final int NAME_LENGTH = 100;
  private static final int CHECKSUM_OFFSET = 148;
  private static final long MAX_ID = 07777777L;
  private static final long MAX_NUMBER = 077777777777L;

  /** A type of ustar's. */
  enum EntryType {
    FILE('0'),
    HARD_LINK('1'),
    SYMLINK('2'),
    CHARACTER_DEVICE('3'),
    BLOCK_DEVICE('4'),
    DIRECTORY('5'),
    FIFO('6'),
    PAX('x');

    private final char flag;

    EntryType(char flag) {
      this.flag = flag;
    }
  }

  /**
   * All that a header says.
   *
   * @param link target of a hard or symbolic link, otherwise empty
   */
  record Header(
      EntryType type,
      String path,
      String link,
      int mode,
      long uid,
      long gid,
      long size,
      long mtimeSeconds,
      int major,
      int minor,
      Map<String, byte[]> xattrs) {
    /** For what belongs to root and has no time. */
    static Header plain(EntryType type, String path, String link, int mode, long size) {
      return new Header(type, path, link, mode, 0, 0, size, 0, 0, 0, Map.of());
    }
  }

  private final OutputStream out;

  TarWriter(OutputStream out) {
    this.out = out;
  }

  /** An entry without content. */
  void write(Header header) throws IOException {
    Map<String, byte[]> records = paxRecords(header);
    if (!records.isEmpty()) {
      byte[] body = encode(records);
      block(Header.plain(EntryType.PAX, "PaxHeaders/x", "", 0644, body.length));
      out.write(body);
      pad(body.length);
    }
    block(header);
  }

  /** A file and its content, of which there must be exactly as much as the header says. */
  void write(Header header, InputStream content) throws IOException {
    write(header);
    byte[] buffer = new byte[1 << 16];
    long rest = header.size();
    while (rest > 0) {
      int n = content.read(buffer, 0, (int) Math.min(buffer.length, rest));
      if (n < 0) {
        throw new IOException(header.path() + " became shorter while it was read");
      }
      out.write(buffer, 0, n);
      rest -= n;
    }
    pad(header.size());
  }

  /** The end of the archive: two empty blocks. */
  void end() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.flush();
  }

  private void pad(long written) throws IOException {
    out.write(new byte[(int) ((BLOCK - written % BLOCK) % BLOCK)]);
  }

  private static Map<String, byte[]> paxRecords(Header header) {
    Map<String, byte[]> records = new TreeMap<>();
    if (!fitsName(header.path())) {
      records.put("path", utf8(header.path()));
    }
    if (!fitsName(header.link())) {
      records.put("linkpath", utf8(header.link()));
    }
    putBeyond(records, "size", header.size(), MAX_NUMBER);
    putBeyond(records, "uid", header.uid(), MAX_ID);
    putBeyond(records, "gid", header.gid(), MAX_ID);
    putBeyond(records, "mtime", header.mtimeSeconds(), MAX_NUMBER);
    header.xattrs().forEach((name, value) -> records.put(PaxXattrs.KEY_PREFIX + name, value));
    return records;
  }

  private static void putBeyond(Map<String, byte[]> records, String key, long value, long max) {
    if (value < 0 || value > max) {
      records.put(key, utf8(Long.toString(value)));
    }
  }

  private static boolean fitsName(String name) {
    return name.length() <= NAME_LENGTH && name.chars().allMatch(c -> c < 0x80);
  }

  private static byte[] encode(Map<String, byte[]> records) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (var record : records.entrySet()) {
      byte[] key = utf8(record.getKey());
      int rest = 3 + key.length + record.getValue().length; // space, equals, newline
      int length = rest + Integer.toString(rest).length();
      length = rest + Integer.toString(length).length();
      body.write(utf8(length + " "));
      body.write(key);
      body.write('=');
      body.write(record.getValue());
      body.write('\n');
    }
    return body.toByteArray();
  }

  private void block(Header header) throws IOException {
    byte[] block = new byte[BLOCK];
    put(block, 0, NAME_LENGTH, utf8(header.path()));
    octal(block, 100, 8, header.mode());
    octal(block, 108, 8, within(header.uid(), MAX_ID));
    octal(block, 116, 8, within(header.gid(), MAX_ID));
    octal(block, 124, 12, within(header.size(), MAX_NUMBER));
    octal(block, 136, 12, within(header.mtimeSeconds(), MAX_NUMBER));
    block[156] = (byte) header.type().flag;
    put(block, 157, NAME_LENGTH, utf8(header.link()));
    put(block, 257, 8, utf8("ustar\00000"));
    octal(block, 329, 8, header.major());
    octal(block, 337, 8, header.minor());
    checksum(block);
    out.write(block);
  }

  /** The sum of all bytes, taken with spaces in its own place. */
  private static void checksum(byte[] block) {
    Arrays.fill(block, CHECKSUM_OFFSET, CHECKSUM_OFFSET + 8, (byte) ' ');
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    octal(block, CHECKSUM_OFFSET, 7, sum);
  }

  private static long within(long value, long max) {
    return value < 0 || value > max ? 0 : value;
  }

  private static void octal(byte[] block, int offset, int length, long value) {
    String digits = Long.toOctalString(value);
    put(block, offset, length - 1, utf8("0".repeat(length - 1 - digits.length()) + digits));
    block[offset + length - 1] = 0;
  }

  private static void put(byte[] block, int offset, int length, byte[] value) {
    System.arraycopy(value, 0, block, offset, Math.min(length, value.length));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
