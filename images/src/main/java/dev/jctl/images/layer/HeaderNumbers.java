package dev.jctl.images.layer;

/**
 * Numbers of an entry's raw headers. commons-compress keeps 32 bits of the owner and of a device,
 * so that what belongs to user 2^40 would be root's.
 */
final class HeaderNumbers {
  private static final int BLOCK = 512;
  private static final int BASE_256 = 0x80;

  /** Types of headers of pax and GNU that say more about the entry that follows. */
  private static final String ADDING = "xXgLK";

  /** One that may stand in eight bytes, at its place in the header. POSIX ustar. */
  private enum Field {
    USER("user", 108),
    GROUP("group", 116),
    MAJOR("major device number", 329),
    MINOR("minor device number", 337);

    private static final int LENGTH = 8;
    private final String words;
    private final int offset;

    Field(String words, int offset) {
      this.words = words;
      this.offset = offset;
    }
  }

  private HeaderNumbers() {}

  /**
   * @param headers all blocks before the entry's content, the first at a block border
   * @throws dev.jctl.images.ImageException UNSUPPORTED for a number that is negative or of more
   *     than 31 bits
   */
  static void check(LayerFault fault, String entry, byte[] headers) {
    int own = ownHeader(headers);
    for (Field field : Field.values()) {
      int at = own + field.offset;
      if (at < headers.length && (headers[at] & BASE_256) != 0 && !fits(headers, at)) {
        throw fault.unsupported(entry, "its " + field.words + " is negative or beyond 31 bits");
      }
    }
  }

  /** After those that add to it. */
  private static int ownHeader(byte[] headers) {
    int at = 0;
    while (at + BLOCK <= headers.length && ADDING.indexOf(headers[at + HeaderNames.TYPE]) >= 0) {
      int blocks = (HeaderNames.size(headers, at) + BLOCK - 1) / BLOCK;
      at += (1 + blocks) * BLOCK;
    }
    return at;
  }

  /** GNU's binary form: the first bit says that it is one, the rest is two's complement. */
  private static boolean fits(byte[] headers, int at) {
    boolean small = (headers[at] & 0xff) == BASE_256;
    for (int i = 1; i < Field.LENGTH - Integer.BYTES; i++) {
      small &= headers[at + i] == 0;
    }
    return small && headers[at + Field.LENGTH - Integer.BYTES] >= 0;
  }
}
