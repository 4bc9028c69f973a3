package dev.jctl.controller.spdy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Name/value header blocks (SPDY/3 draft, section 2.6.10): compressed with a dictionary, all of one
 * direction as one stream, so that none may be passed over.
 */
final class HeaderBlocks implements AutoCloseable {
  private static final int MAX_BYTES = 64 << 10;
  private static final int MAX_HEADERS = 100;

  /** Each with its length before it; then the rest, without. Section 2.6.10.1. */
  private static final List<String> DICTIONARY_WORDS =
      List.of(
          ("options head post put delete trace accept accept-charset accept-encoding"
                  + " accept-language accept-ranges age allow authorization cache-control connection"
                  + " content-base content-encoding content-language content-length content-location"
                  + " content-md5 content-range content-type date etag expect expires from host"
                  + " if-match if-modified-since if-none-match if-range if-unmodified-since"
                  + " last-modified location max-forwards pragma proxy-authenticate"
                  + " proxy-authorization range referer retry-after server te trailer"
                  + " transfer-encoding upgrade user-agent vary via warning www-authenticate method"
                  + " get status 200_OK version HTTP/1.1 url public set-cookie keep-alive origin")
              .split(" "));

  private static final String DICTIONARY_REST =
      "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
          + "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request"
          + "401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented"
          + "503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00"
          + " Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,"
          + "application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age="
          + "gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";

  static final byte[] DICTIONARY = dictionary();

  private final Inflater inflater = new Inflater();
  private final Deflater deflater = new Deflater();

  HeaderBlocks() {
    deflater.setDictionary(DICTIONARY);
  }

  private static byte[] dictionary() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (String word : DICTIONARY_WORDS) {
        text(out, word.replace('_', ' '));
      }
      out.writeBytes(DICTIONARY_REST);
    } catch (IOException e) {
      throw new UncheckedIOException("in memory", e);
    }
    return bytes.toByteArray();
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /** Names in lower case. */
  Map<String, String> read(byte[] block, int offset) throws IOException {
    if (block.length < offset) {
      throw new IOException("a frame of " + block.length + " bytes");
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(inflate(block, offset)));
    int count = in.readInt();
    if (count < 0 || count > MAX_HEADERS) {
      throw new IOException(count + " headers");
    }
    Map<String, String> headers = new HashMap<>();
    for (int i = 0; i < count; i++) {
      String name = text(in).toLowerCase(Locale.ROOT);
      headers.put(name, text(in));
    }
    return headers;
  }

  private static String text(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException("a header of " + length + " bytes");
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  private byte[] inflate(byte[] block, int offset) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[4096];
    inflater.setInput(block, offset, block.length - offset);
    try {
      while (true) {
        int count = inflater.inflate(buffer);
        if (count == 0 && inflater.needsDictionary()) {
          inflater.setDictionary(DICTIONARY);
        } else if (count == 0) {
          return out.toByteArray();
        }
        out.write(buffer, 0, count);
        if (out.size() > MAX_BYTES) {
          throw new IOException("more than " + MAX_BYTES + " bytes of headers");
        }
      }
    } catch (DataFormatException | IllegalArgumentException e) {
      throw new IOException("headers are not compressed as they must be: " + e.getMessage(), e);
    }
  }

  /** A block without headers: nobody reads ours. */
  byte[] writeNone() {
    deflater.setInput(new byte[Integer.BYTES]);
    byte[] buffer = new byte[256];
    int length = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
    return Arrays.copyOf(buffer, length);
  }

  @Override
  public void close() {
    inflater.end();
    deflater.end();
  }
}
