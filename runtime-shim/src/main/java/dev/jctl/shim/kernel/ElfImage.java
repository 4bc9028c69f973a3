package dev.jctl.shim.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A program for x86-64 in the form in which the kernel loads it: one segment, read and executed,
 * with the header, some data, and the code.
 *
 * @see <a href="https://refspecs.linuxfoundation.org/elf/elf.pdf">ELF, part 1 and 2</a>
 */
final class ElfImage {
  /** Where the segment is in memory, as for programs that are linked at a fixed address. */
  private static final int BASE = 0x400000;

  private static final int HEADER_BYTES = 64;
  private static final int SEGMENT_BYTES = 56;
  private static final int SECTION_BYTES = 64;
  private static final int PAGE = 4096;

  /** Address of the data. */
  static final int DATA = BASE + HEADER_BYTES + SEGMENT_BYTES;

  private static final byte[] IDENTITY = {0x7f, 'E', 'L', 'F', 2, 1, 1, 0};
  private static final short EXECUTABLE = 2;
  private static final short X86_64 = 62;
  private static final int LOAD = 1;
  private static final int READ_AND_EXECUTE = 5;

  private ElfImage() {}

  static byte[] of(byte[] data, byte[] code) {
    int size = HEADER_BYTES + SEGMENT_BYTES + data.length + code.length;
    ByteBuffer image = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    header(image, DATA + data.length);
    segment(image, size);
    return image.put(data).put(code).array();
  }

  private static void header(ByteBuffer image, long entry) {
    image.put(IDENTITY).putLong(0);
    image.putShort(EXECUTABLE).putShort(X86_64).putInt(1);
    image.putLong(entry).putLong(HEADER_BYTES).putLong(0).putInt(0);
    image.putShort((short) HEADER_BYTES).putShort((short) SEGMENT_BYTES).putShort((short) 1);
    image.putShort((short) SECTION_BYTES).putShort((short) 0).putShort((short) 0);
  }

  private static void segment(ByteBuffer image, long size) {
    image.putInt(LOAD).putInt(READ_AND_EXECUTE);
    image.putLong(0).putLong(BASE).putLong(BASE).putLong(size).putLong(size).putLong(PAGE);
  }
}
