package dev.jctl.controller.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.merge.Trees;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ResourceKind;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** An object before and after, without what a server writes by itself. Pure. */
final class Differences {
  private static final List<String> SERVERS_OWN =
      List.of(
          "managedFields",
          "resourceVersion",
          "generation",
          "uid",
          "creationTimestamp",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "finalizers");

  private static final int STATE_LENGTH = 32;

  private Differences() {}

  /** One field; what is secret is not in it. */
  record Difference(String path, JsonNode before, JsonNode after) {}

  static List<Difference> between(
      ResourceKind kind, @Nullable ObjectNode before, ObjectNode after) {
    List<Difference> all = new ArrayList<>();
    compare("", desired(before), desired(after), all);
    return kind == ResourceKind.SECRET ? all.stream().map(Differences::masked).toList() : all;
  }

  private static Difference masked(Difference d) {
    return d.path().startsWith("data")
        ? new Difference(d.path(), MissingNode.getInstance(), MissingNode.getInstance())
        : d;
  }

  private static JsonNode desired(@Nullable ObjectNode object) {
    if (object == null) {
      return JsonNodeFactory.instance.objectNode();
    }
    ObjectNode desired = object.deepCopy();
    desired.remove("status");
    if (desired.path("metadata") instanceof ObjectNode metadata) {
      metadata.remove(SERVERS_OWN);
    }
    return desired;
  }

  private static void compare(String path, JsonNode before, JsonNode after, List<Difference> all) {
    if (Trees.same(before, after)) {
      return;
    }
    if (before.isObject() && after.isObject()) {
      Set<String> names = new TreeSet<>();
      before.fieldNames().forEachRemaining(names::add);
      after.fieldNames().forEachRemaining(names::add);
      names.remove(Annotations.LAST_APPLIED);
      for (String name : names) {
        String child = path.isEmpty() ? name : path + "." + name;
        compare(child, before.path(name), after.path(name), all);
      }
    } else if (before.isArray() && after.isArray() && before.size() == after.size()) {
      for (int i = 0; i < before.size(); i++) {
        compare(path + "[" + i + "]", before.get(i), after.get(i), all);
      }
    } else {
      all.add(new Difference(path, before, after));
    }
  }

  /** The same for the same object before and the same after, whatever its status is. */
  static String state(@Nullable ObjectNode before, ObjectNode after) {
    String uid = before == null ? "" : before.path("metadata").path("uid").asText();
    String deleted = after.path("metadata").hasNonNull("deletionTimestamp") ? "deleted" : "";
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes((uid + " " + deleted + " ").getBytes(StandardCharsets.UTF_8));
    all.writeBytes(ResourceCodec.bytes(desired(before)));
    all.writeBytes(ResourceCodec.bytes(desired(after)));
    return hash(all.toByteArray());
  }

  static String hash(byte[] bytes) {
    try {
      byte[] sha = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(sha).substring(0, STATE_LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
