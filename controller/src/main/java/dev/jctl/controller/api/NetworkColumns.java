package dev.jctl.controller.api;

import static dev.jctl.controller.api.Columns.age;
import static dev.jctl.controller.api.Columns.joined;
import static dev.jctl.controller.api.Columns.name;
import static dev.jctl.controller.api.Columns.orNone;
import static dev.jctl.controller.api.Columns.text;
import static dev.jctl.controller.api.Columns.wide;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.api.Columns.Column;
import dev.jctl.manifests.reference.Selectors;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** The columns of Services and of what belongs to them, as kubectl knows them. */
final class NetworkColumns {
  private NetworkColumns() {}

  static List<Column> service() {
    return List.of(
        name(),
        text("Type", o -> o.at("/spec/type").asText("ClusterIP")),
        text("Cluster-IP", o -> orNone(o.at("/spec/clusterIP").asText(""))),
        text("External-IP", o -> orNone(o.at("/spec/externalName").asText(""))),
        text("Port(s)", o -> orNone(joined(o.at("/spec/ports"), NetworkColumns::servicePort))),
        age(),
        wide("Selector", o -> labels(o.at("/spec/selector"))));
  }

  static List<Column> endpoints() {
    return List.of(name(), text("Endpoints", o -> orNone(addresses(o))), age());
  }

  static List<Column> endpointSlice() {
    return List.of(
        name(),
        text("AddressType", o -> o.path("addressType").asText("")),
        text("Ports", o -> orNone(joined(o.path("ports"), p -> p.path("port").asText("")))),
        text(
            "Endpoints",
            o -> orNone(joined(o.path("endpoints"), e -> e.at("/addresses/0").asText("")))),
        age());
  }

  static List<Column> networkPolicy() {
    return List.of(
        name(),
        text("Pod-Selector", o -> orNone(Selectors.text(o.path("spec").path("podSelector")))),
        age());
  }

  private static String servicePort(JsonNode port) {
    String open = port.hasNonNull("nodePort") ? ":" + port.path("nodePort").asText() : "";
    return port.path("port").asText() + open + "/" + port.path("protocol").asText("TCP");
  }

  private static String addresses(JsonNode endpoints) {
    List<String> all = new ArrayList<>();
    for (JsonNode subset : endpoints.path("subsets")) {
      for (JsonNode address : subset.path("addresses")) {
        String ip = address.path("ip").asText();
        subset.path("ports").forEach(port -> all.add(ip + ":" + port.path("port").asText()));
        if (subset.path("ports").isEmpty()) {
          all.add(ip);
        }
      }
    }
    return String.join(",", all);
  }

  private static String labels(JsonNode labels) {
    StringJoiner all = new StringJoiner(",");
    labels.properties().forEach(l -> all.add(l.getKey() + "=" + l.getValue().asText()));
    return all.toString();
  }
}
