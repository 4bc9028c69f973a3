package dev.jctl.controller.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/**
 * A set of field paths, as {@code fieldsV1} writes it: {@code f:name} a field, {@code k:{…}} a list
 * item by its keys, {@code v:…} a list item by its value.
 *
 * @param member whether the path that leads here is in the set
 * @param children what goes on from here; never an empty set
 */
public record FieldSet(boolean member, SortedMap<String, FieldSet> children) {
  public static final FieldSet EMPTY = new FieldSet(false, Collections.emptySortedMap());
  public static final FieldSet LEAF = new FieldSet(true, Collections.emptySortedMap());

  public FieldSet {
    children = Collections.unmodifiableSortedMap(children);
  }

  static FieldSet of(boolean member, Map<String, FieldSet> children) {
    TreeMap<String, FieldSet> kept = new TreeMap<>();
    children.forEach(
        (element, set) -> {
          if (!set.isEmpty()) {
            kept.put(element, set);
          }
        });
    return member || !kept.isEmpty() ? new FieldSet(member, kept) : EMPTY;
  }

  public boolean isEmpty() {
    return !member && children.isEmpty();
  }

  public FieldSet child(String element) {
    return children.getOrDefault(element, EMPTY);
  }

  FieldSet withMember() {
    return member ? this : new FieldSet(true, children);
  }

  /** Without the child of that element. */
  FieldSet without(String element) {
    if (!children.containsKey(element)) {
      return this;
    }
    TreeMap<String, FieldSet> rest = new TreeMap<>(children);
    rest.remove(element);
    return of(member, rest);
  }

  FieldSet with(String element, FieldSet set) {
    TreeMap<String, FieldSet> all = new TreeMap<>(children);
    all.put(element, set);
    return of(member, all);
  }

  /** This one itself when {@code other} adds nothing. */
  public FieldSet union(FieldSet other) {
    return isEmpty() ? other : combine(other, member || other.member, FieldSet::union);
  }

  /** This one itself when {@code other} has nothing of it. */
  public FieldSet minus(FieldSet other) {
    return isEmpty() ? this : combine(other, member && !other.member, FieldSet::minus);
  }

  public FieldSet intersect(FieldSet other) {
    TreeMap<String, FieldSet> both = new TreeMap<>();
    children.forEach((element, set) -> both.put(element, set.intersect(other.child(element))));
    return of(member && other.member, both);
  }

  @SuppressWarnings("ReferenceEquality") // what an operation leaves as it is, it returns
  private FieldSet combine(FieldSet other, boolean inIt, BinaryOperator<FieldSet> sets) {
    TreeMap<String, FieldSet> all = null;
    for (Map.Entry<String, FieldSet> theirs : other.children.entrySet()) {
      FieldSet mine = child(theirs.getKey());
      FieldSet combined = sets.apply(mine, theirs.getValue());
      if (combined != mine) {
        all = all == null ? new TreeMap<>(children) : all;
        all.put(theirs.getKey(), combined);
      }
    }
    return all == null && inIt == member ? this : of(inIt, all == null ? children : all);
  }

  /** {@code fieldsV1}. */
  public ObjectNode toJson() {
    ObjectNode json = Trees.object();
    if (member && !children.isEmpty()) {
      json.putObject(".");
    }
    children.forEach((element, set) -> json.set(element, set.toJson()));
    return json;
  }

  /** Reads what {@link #toJson} wrote; the root itself is no member. */
  public static FieldSet ofJson(JsonNode json) {
    return of(false, read(json));
  }

  private static FieldSet node(JsonNode json) {
    return json.isEmpty() ? LEAF : of(json.has("."), read(json));
  }

  private static Map<String, FieldSet> read(JsonNode json) {
    TreeMap<String, FieldSet> children = new TreeMap<>();
    json.properties()
        .forEach(
            field -> {
              if (!field.getKey().equals(".")) {
                children.put(field.getKey(), node(field.getValue()));
              }
            });
    return children;
  }

  /** All paths in it, as people write them: {@code .spec.ports[containerPort=80].hostPort}. */
  public List<String> paths() {
    List<String> paths = new ArrayList<>();
    collect("", paths);
    return paths;
  }

  private void collect(String prefix, List<String> paths) {
    if (member) {
      paths.add(prefix);
    }
    children.forEach((element, set) -> set.collect(prefix + Elements.display(element), paths));
  }
}
