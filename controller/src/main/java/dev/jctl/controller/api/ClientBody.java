package dev.jctl.controller.api;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The body of a request. How it breaks off, or is framed wrongly, is told by the web server in
 * exceptions of many kinds, and is an {@link IOException} to who reads it.
 */
final class ClientBody extends FilterInputStream {
  ClientBody(InputStream in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    try {
      return in.read();
    } catch (RuntimeException e) {
      throw broken(e);
    }
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    try {
      return in.read(to, offset, length);
    } catch (RuntimeException e) {
      throw broken(e);
    }
  }

  private static IOException broken(RuntimeException e) {
    String why = e.getMessage();
    return new IOException(why == null ? "it breaks off" : why, e);
  }
}
