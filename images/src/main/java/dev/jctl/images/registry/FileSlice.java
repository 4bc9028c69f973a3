package dev.jctl.images.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** Some bytes of a file as a stream, which tells how many of them were read. */
final class FileSlice extends InputStream {
  private final SeekableByteChannel channel;
  private final LongConsumer progress;
  private long rest;

  FileSlice(Path file, long offset, long length, LongConsumer progress) throws IOException {
    this.channel = Files.newByteChannel(file).position(offset);
    this.rest = length;
    this.progress = progress;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (rest == 0) {
      return -1;
    }
    int n = channel.read(ByteBuffer.wrap(bytes, offset, (int) Math.min(length, rest)));
    if (n < 0) {
      throw new IOException("the file ended " + rest + " bytes early");
    }
    rest -= n;
    progress.accept(n);
    return n;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
