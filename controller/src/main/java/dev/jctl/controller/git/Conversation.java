package dev.jctl.controller.git;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.internal.JGitText;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectIdRef;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.transport.FetchConnection;

/** What a remote has, and then, over the same connection, what is wanted of that. */
final class Conversation implements AutoCloseable {
  private final FetchConnection connection;

  Conversation(FetchConnection connection) {
    this.connection = connection;
  }

  /** By full name. */
  Map<String, Ref> refs() {
    return connection.getRefsMap();
  }

  /** {@code source}: a reference of the remote, or the id of a commit. */
  ObjectId fetch(String source, Bounds bounds) throws TransportException {
    Ref ref = refs().get(source);
    Ref wanted = ref == null ? unnamed(ObjectId.fromString(source)) : ref;
    fetch(List.of(wanted), bounds);
    return Objects.requireNonNull(wanted.getObjectId());
  }

  void fetchObjects(Collection<ObjectId> ids, Bounds bounds) throws TransportException {
    fetch(ids.stream().map(Conversation::unnamed).toList(), bounds);
  }

  private static Ref unnamed(ObjectId id) {
    return new ObjectIdRef.Unpeeled(Ref.Storage.NETWORK, id.name(), id);
  }

  private void fetch(Collection<Ref> wanted, Bounds bounds) throws TransportException {
    connection.fetch(bounds, wanted, Set.of());
    if (bounds.isCancelled()) {
      throw new TransportException("cancelled");
    }
  }

  /** Whether a remote does not give parts: it has no filters, or no objects by their ids. */
  static boolean isPartRefused(TransportException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains(JGitText.get().filterRequiresCapability)
        || message.contains("not our ref")
        || message.contains("not valid");
  }

  @Override
  public void close() {
    connection.close();
  }
}
