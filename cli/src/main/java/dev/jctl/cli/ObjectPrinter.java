package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.output.JsonPath;
import dev.jctl.manifests.codec.YamlText;
import dev.jctl.manifests.json.Json;
import java.util.List;

/** {@code -o}: how objects are printed. */
sealed interface ObjectPrinter {
  record AsTable(boolean wide) implements ObjectPrinter {
    @Override
    public void print(Invocation in, List<JsonNode> objects) {
      new TablePrinter(in, wide).print(objects);
    }
  }

  record AsYaml() implements ObjectPrinter {
    @Override
    public void print(Invocation in, List<JsonNode> objects) {
      in.console().out().print(YamlText.write(withoutManagedFields(whole(objects))));
    }
  }

  record AsJson() implements ObjectPrinter {
    @Override
    public void print(Invocation in, List<JsonNode> objects) {
      in.console().out().print(Json.pretty(withoutManagedFields(whole(objects))));
    }
  }

  record AsNames() implements ObjectPrinter {
    @Override
    public void print(Invocation in, List<JsonNode> objects) {
      objects.forEach(o -> in.console().line(name(o)));
    }
  }

  record AsTemplate(String template) implements ObjectPrinter {
    @Override
    public void print(Invocation in, List<JsonNode> objects) {
      in.console().out().print(render(template, whole(objects)));
    }
  }

  static ObjectPrinter parse(String format) {
    if (format.startsWith("jsonpath=")) {
      return new AsTemplate(format.substring("jsonpath=".length()));
    }
    return switch (format) {
      case "", "table" -> new AsTable(false);
      case "wide" -> new AsTable(true);
      case "yaml" -> new AsYaml();
      case "json" -> new AsJson();
      case "name" -> new AsNames();
      default ->
          throw new UsageException(
              "unable to match a printer suitable for the output format \""
                  + format
                  + "\", allowed formats are: json, jsonpath=TEMPLATE, name, table, wide, yaml");
    };
  }

  /** One object as it is, several as a List. */
  void print(Invocation in, List<JsonNode> objects);

  private static JsonNode whole(List<JsonNode> objects) {
    return objects.size() == 1 ? objects.get(0) : list(objects);
  }

  private static String name(JsonNode object) {
    return ObjectName.of(ObjectName.kindOf(object), object).toString();
  }

  private static String render(String template, JsonNode object) {
    try {
      return JsonPath.render(template, object);
    } catch (IllegalArgumentException e) {
      throw new UsageException("jsonpath: " + e.getMessage());
    }
  }

  private static JsonNode list(List<JsonNode> objects) {
    ObjectNode list = Json.object().put("apiVersion", "v1").put("kind", "List");
    list.putArray("items").addAll(objects);
    return list;
  }

  /** As kubectl leaves them out: bookkeeping of the server. */
  private static JsonNode withoutManagedFields(JsonNode tree) {
    JsonNode copy = tree.deepCopy();
    strip(copy);
    copy.path("items").forEach(ObjectPrinter::strip);
    return copy;
  }

  private static void strip(JsonNode object) {
    if (object.path("metadata") instanceof ObjectNode metadata) {
      metadata.remove("managedFields");
    }
  }
}
