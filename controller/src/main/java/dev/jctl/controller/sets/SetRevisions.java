package dev.jctl.controller.sets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.store.Key;
import dev.jctl.store.Store;
import dev.jctl.store.Txn;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The manifests of each revision of a set, compressed, at {@code
 * /sets/<kind>/<namespace>/<name>/<revision>}: beside the objects and not in one, as there may be
 * Secrets among them.
 */
public final class SetRevisions {
  private static final String ROOT = "/sets/";

  private final Store store;

  public SetRevisions(Store store) {
    this.store = store;
  }

  static Key key(ObjectRef set, long revision) {
    return Key.of(prefix(set).text() + "%019d".formatted(revision));
  }

  private static Key prefix(ObjectRef set) {
    return Key.of(ROOT + set.kind().singular() + "/" + set.namespace() + "/" + set.name() + "/");
  }

  /** Empty when it is not kept any more. */
  public Optional<List<ObjectNode>> manifests(ObjectRef set, long revision) {
    return store
        .get(key(set, revision))
        .filter(entry -> entry.value().length > 0)
        .map(entry -> unpack(entry.value()));
  }

  /** Forgets all of a set. */
  public void forget(ObjectRef set) {
    List<Txn.Write> writes =
        store.list(prefix(set), 0, null, 0).entries().stream()
            .<Txn.Write>map(entry -> new Txn.Write.Delete(entry.key()))
            .toList();
    if (!writes.isEmpty()) {
      store.commit(new Txn(List.of(), writes, Txn.Durability.SYNCED));
    }
  }

  static byte[] pack(List<ObjectNode> manifests) {
    ArrayNode all = ResourceCodec.MAPPER.createArrayNode();
    manifests.forEach(all::add);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
      zip.write(ResourceCodec.bytes(all));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static List<ObjectNode> unpack(byte[] bytes) {
    try (GZIPInputStream zip = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      List<ObjectNode> manifests = new ArrayList<>();
      for (JsonNode manifest : ResourceCodec.MAPPER.readTree(zip)) {
        if (manifest instanceof ObjectNode object) {
          manifests.add(object);
        }
      }
      return manifests;
    } catch (IOException e) {
      throw new UncheckedIOException("the manifests of a revision cannot be read", e);
    }
  }

  /** The same for the same manifests, in whatever order they are. */
  static String digest(List<ObjectNode> manifests) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      manifests.stream()
          .map(ResourceCodec::bytes)
          .map(sha::digest)
          .map(HexFormat.of()::formatHex)
          .sorted()
          .toList()
          .forEach(one -> sha.update(one.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
