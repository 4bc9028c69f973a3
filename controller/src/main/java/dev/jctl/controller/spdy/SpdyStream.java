package dev.jctl.controller.spdy;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** One stream that a client has opened: bytes both ways, each of which ends by itself. */
public final class SpdyStream {
  static final byte[] END = {};

  /** More than so many frames, unread, hold up the connection. */
  private static final int MAX_WAITING = 32;

  private final SpdyConnection connection;
  private final int id;
  private final Map<String, String> headers;
  private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private volatile boolean broken;

  SpdyStream(SpdyConnection connection, int id, Map<String, String> headers) {
    this.connection = connection;
    this.id = id;
    this.headers = Map.copyOf(headers);
  }

  /** Empty when there is no such header; {@code name} in lower case. */
  public String header(String name) {
    return headers.getOrDefault(name, "");
  }

  void received(byte[] bytes) throws InterruptedException {
    while (!broken && !waiting.offer(bytes, 1, TimeUnit.SECONDS)) {
      // its reader is slow, or has gone
    }
  }

  /** Nothing more comes, and nobody reads what is sent. */
  void breakOff() {
    broken = true;
    waiting.clear();
    waiting.add(END);
  }

  /** Whether the client has given it up, or the connection has ended. */
  public boolean isBroken() {
    return broken;
  }

  /** The next bytes; empty at the end. */
  public Optional<byte[]> receive() throws InterruptedException {
    byte[] bytes = waiting.take();
    return bytes.length == 0 ? Optional.empty() : Optional.of(bytes);
  }

  public void send(byte[] bytes, int length) throws IOException {
    connection.send(id, bytes, 0, length, false);
  }

  /** Says that no more is sent. */
  public void finish() throws IOException {
    connection.send(id, END, 0, 0, true);
  }

  /** After both sides have ended. */
  public void forget() {
    broken = true;
    connection.forget(id);
  }

  /** Gives it up. */
  public void cancel() throws IOException {
    broken = true;
    connection.cancel(id);
  }
}
