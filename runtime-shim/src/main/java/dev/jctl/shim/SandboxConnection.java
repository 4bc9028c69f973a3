package dev.jctl.shim;

import java.io.InputStream;
import java.io.OutputStream;

/** A byte stream both ways. */
public interface SandboxConnection extends AutoCloseable {
  InputStream input();

  /** Closing it closes that half only. */
  OutputStream output();

  @Override
  void close();
}
