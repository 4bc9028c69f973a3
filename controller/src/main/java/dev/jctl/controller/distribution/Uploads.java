package dev.jctl.controller.distribution;

import dev.jctl.controller.distribution.DistributionError.Code;
import dev.jctl.images.ImageException;
import dev.jctl.images.ServedContent;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Blobs on their way in, each by an id that only its client knows. One that nothing is added to for
 * an hour is forgotten, and so are all when the process ends. Failures are {@link
 * DistributionError}.
 */
public final class Uploads {
  private static final int MAX = 1000;
  private static final Duration IDLE = Duration.ofHours(1);
  private static final long PATIENCE_SECONDS = 30;

  private static final class Session {
    private final RepositoryName name;
    private final ServedContent.Upload upload;
    private final ReentrantLock turn = new ReentrantLock();
    private volatile Instant used;

    Session(RepositoryName name, ServedContent.Upload upload, Instant now) {
      this.name = name;
      this.upload = upload;
      this.used = now;
    }
  }

  private final ServedContent content;
  private final InstantSource clock;
  private final Map<String, Session> sessions = new LinkedHashMap<>();

  public Uploads(ServedContent content, InstantSource clock) {
    this.content = content;
    this.clock = clock;
  }

  /** Returns its id. */
  public String begin(RepositoryName name) {
    String id = UUID.randomUUID().toString();
    synchronized (sessions) {
      removeIdle();
      if (sessions.size() >= MAX) {
        throw new DistributionError(Code.TOOMANYREQUESTS, "too many uploads are open; come again");
      }
      sessions.put(id, new Session(name, content.upload(), clock.instant()));
    }
    return id;
  }

  private void removeIdle() {
    Instant before = clock.instant().minus(IDLE);
    Iterator<Session> all = sessions.values().iterator();
    while (all.hasNext()) {
      Session session = all.next();
      if (session.used.isBefore(before) && session.turn.tryLock()) {
        session.upload.close();
        all.remove();
      }
    }
  }

  /** What is done with a session while nobody else has it. */
  private interface Use<T> {
    T with(Session session) throws IOException;
  }

  private <T> T using(RepositoryName name, String id, Use<T> use) {
    Session session;
    synchronized (sessions) {
      session = sessions.get(id);
    }
    if (session == null || !session.name.equals(name)) {
      throw new DistributionError(
          Code.BLOB_UPLOAD_UNKNOWN, "there is no upload " + id + "; begin anew");
    }
    try {
      if (!session.turn.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new DistributionError(Code.TOOMANYREQUESTS, "upload " + id + " is being added to");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DistributionError(Code.UNKNOWN, "interrupted");
    }
    try {
      session.used = clock.instant();
      return use.with(session);
    } catch (IOException e) {
      throw new DistributionError(Code.BLOB_UPLOAD_INVALID, "the upload broke off: " + e);
    } catch (ImageException e) {
      throw DistributionError.ofBlob(e);
    } finally {
      session.used = clock.instant();
      session.turn.unlock();
    }
  }

  /** Bytes that are here. */
  public long size(RepositoryName name, String id) {
    return using(name, id, session -> session.upload.size());
  }

  /**
   * @param offset that the client goes on from; empty: from where it is
   * @return bytes that are then here
   */
  public long append(RepositoryName name, String id, OptionalLong offset, InputStream in) {
    return using(
        name,
        id,
        session -> {
          long size = session.upload.size();
          if (offset.isPresent() && offset.getAsLong() != size) {
            throw new DistributionError(
                Code.BLOB_UPLOAD_INVALID,
                "the upload goes on at byte %d, not at %d".formatted(size, offset.getAsLong()));
          }
          session.upload.append(in);
          return session.upload.size();
        });
  }

  /** Ends it with these last bytes; whatever comes of it, it is over. */
  public void finish(RepositoryName name, String id, InputStream in, String digest) {
    boolean _ =
        using(
            name,
            id,
            session -> {
              session.upload.append(in);
              try {
                session.upload.finish(name.namespace(), digest);
              } finally {
                remove(id, session);
              }
              return true;
            });
  }

  public void cancel(RepositoryName name, String id) {
    boolean _ =
        using(
            name,
            id,
            session -> {
              remove(id, session);
              return true;
            });
  }

  private void remove(String id, Session session) {
    synchronized (sessions) {
      sessions.remove(id);
    }
    session.upload.close();
  }
}
