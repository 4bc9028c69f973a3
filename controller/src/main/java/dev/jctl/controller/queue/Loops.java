package dev.jctl.controller.queue;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The loops by kind: how reconcilers ask for another object to be looked at. */
public final class Loops implements AutoCloseable {
  private final Map<ResourceKind, ControlLoop> byKind = new ConcurrentHashMap<>();

  public void register(ResourceKind kind, ControlLoop loop) {
    byKind.put(kind, loop);
  }

  /** A no-op for kinds that are not reconciled. */
  public void enqueue(ObjectRef ref) {
    ControlLoop loop = byKind.get(ref.kind());
    if (loop != null) {
      loop.enqueue(ref);
    }
  }

  /** Requests for one object that come within the delay are one. */
  public void enqueueAfter(ObjectRef ref, Duration delay) {
    ControlLoop loop = byKind.get(ref.kind());
    if (loop != null) {
      loop.enqueueAfter(ref, delay);
    }
  }

  public void start() {
    byKind.values().forEach(ControlLoop::start);
  }

  @Override
  public void close() {
    byKind.values().forEach(ControlLoop::close);
  }
}
