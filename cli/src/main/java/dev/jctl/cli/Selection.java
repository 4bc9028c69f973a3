package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.Target;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which objects a command is about: whole kinds, or single names; as kubectl reads {@code pods},
 * {@code pods,images}, {@code pod web db}, {@code pod/web image/web}.
 *
 * @param namespace null for all
 */
record Selection(
    List<ResourceKind> kinds,
    List<ObjectName> names,
    @Nullable String namespace,
    String labels,
    String fields) {
  Selection {
    kinds = List.copyOf(kinds);
    names = List.copyOf(names);
  }

  static Selection of(Invocation in) {
    List<String> words = in.arguments().operands();
    if (words.isEmpty()) {
      throw new UsageException(
          "you must specify the type of resource, for example containers, or container web");
    }
    String namespace = in.is(Options.ALL_NAMESPACES) ? null : in.namespace();
    String labels = in.value(Options.SELECTOR).orElse("");
    String fields = in.value(Options.FIELD_SELECTOR).orElse("");
    List<ObjectName> names = names(words);
    if (!names.isEmpty() && namespace == null) {
      throw new UsageException("a resource cannot be retrieved by name across all namespaces");
    }
    if (!names.isEmpty() && !labels.isEmpty()) {
      throw new UsageException("name cannot be provided when a selector is specified");
    }
    List<ResourceKind> kinds = names.isEmpty() ? ObjectName.kinds(words.get(0)) : List.of();
    return new Selection(kinds, names, namespace, labels, fields);
  }

  private static List<ObjectName> names(List<String> words) {
    List<ObjectName> names = new ArrayList<>();
    if (words.get(0).contains("/")) {
      for (String word : words) {
        if (!word.contains("/")) {
          throw new UsageException(
              "\""
                  + word
                  + "\": there is no need to specify a type when names have the form type/name");
        }
        names.add(ObjectName.parse(word));
      }
      return names;
    }
    for (ResourceKind kind :
        words.size() > 1 ? ObjectName.kinds(words.get(0)) : List.<ResourceKind>of()) {
      words.subList(1, words.size()).forEach(name -> names.add(new ObjectName(kind, name)));
    }
    return names;
  }

  Target collection(ResourceKind kind) {
    return Target.of(kind, namespace)
        .withOptional("labelSelector", labels)
        .withOptional("fieldSelector", fields);
  }

  Target target(ObjectName name) {
    return Target.of(name.kind(), namespace, name.name());
  }

  /** Fetches them; a name that is not there is a NotFound. */
  List<JsonNode> fetch(Invocation in) {
    return fetch(in, "");
  }

  /** As they were at a revision; empty: as they are. */
  List<JsonNode> fetch(Invocation in, String revision) {
    List<JsonNode> objects = new ArrayList<>();
    names.forEach(n -> objects.add(in.api().get(Moment.at(target(n), revision))));
    kinds.forEach(k -> objects.addAll(in.api().list(Moment.at(collection(k), revision)).items()));
    return objects;
  }
}
