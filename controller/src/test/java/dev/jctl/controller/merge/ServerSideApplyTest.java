package dev.jctl.controller.merge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.merge.ManagedFields.Operation;
import dev.jctl.controller.merge.ManagedFields.Writer;
import dev.jctl.controller.merge.ServerSideApply.OnConflict;
import dev.jctl.controller.merge.ServerSideApply.Result;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.Schema;
import dev.jctl.manifests.schema.Schemas;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rules that Kubernetes documents for server-side apply, on Pods. */
class ServerSideApplyTest {
  private static final Schema POD = Schemas.of(ResourceKind.POD);
  private static final String TIME = "2026-01-02T03:04:05Z";
  private static final String ONE = "{spec:{containers:[{name:'web',image:'a:1'}]}}";

  private @Nullable ObjectNode live;

  private static Writer applier(String manager) {
    return new Writer(manager, Operation.APPLY, "v1", "");
  }

  private ObjectNode live() {
    if (live == null) {
      throw new AssertionError("nothing was applied yet");
    }
    return live;
  }

  /** What there is without what says who owns it. */
  private JsonNode content() {
    ObjectNode content = live().deepCopy();
    if (content.path("metadata") instanceof ObjectNode metadata) {
      metadata.remove("managedFields");
      if (metadata.isEmpty()) {
        content.remove("metadata");
      }
    }
    return content;
  }

  private void apply(String manager, String config) {
    take(
        ServerSideApply.apply(
            POD, live, Json.object(config), applier(manager), OnConflict.REFUSE, TIME));
  }

  private void force(String manager, String config) {
    take(
        ServerSideApply.apply(
            POD, live, Json.object(config), applier(manager), OnConflict.TAKE_OVER, TIME));
  }

  private void take(Result result) {
    switch (result) {
      case Result.Merged merged -> {
        live = merged.object().deepCopy();
        merged.fields().writeTo(live);
      }
      case Result.Conflicting c -> throw new AssertionError("conflicts: " + c.conflicts());
    }
  }

  private List<String> conflicts(String manager, String config) {
    Result result =
        ServerSideApply.apply(
            POD, live, Json.object(config), applier(manager), OnConflict.REFUSE, TIME);
    return result instanceof Result.Conflicting c
        ? c.conflicts().stream().map(x -> x.owner().manager() + x.path()).toList()
        : List.of();
  }

  /** Another way of writing: replaces all. */
  private void update(String manager, String now) {
    ObjectNode next = Json.object(now);
    Writer writer = new Writer(manager, Operation.UPDATE, "v1", "");
    ManagedFields.of(live()).afterUpdate(POD, live(), next, writer, TIME).writeTo(next);
    live = next;
  }

  private List<String> owned(String manager) {
    return ManagedFields.of(live()).entries().stream()
        .filter(e -> e.writer().manager().equals(manager))
        .flatMap(e -> e.fields().paths().stream())
        .toList();
  }

  @Test
  void removesWhatTheSameManagerNoLongerNames() {
    apply("a", "{metadata:{labels:{x:'1',y:'2'}},spec:{containers:[{name:'web',image:'a:1'}]}}");
    apply("a", "{metadata:{labels:{y:'2'}},spec:{containers:[{name:'web',image:'a:1'}]}}");
    assertThat(content())
        .isEqualTo(
            Json.tree("{metadata:{labels:{y:'2'}},spec:{containers:[{name:'web',image:'a:1'}]}}"));
  }

  @Test
  void refusesAnotherManagersValueAndNamesOwnerAndField() {
    apply("a", ONE);
    assertThat(conflicts("b", "{spec:{containers:[{name:'web',image:'b:1'}]}}"))
        .containsExactly("a.spec.containers[name=\"web\"].image");
    assertThat(conflicts("b", "{spec:{containers:[{name:'web',args:['x']}]}}")).isEmpty();
  }

  @Test
  void takesOwnershipByForce() {
    apply("a", ONE);
    force("b", "{spec:{containers:[{name:'web',image:'b:1'}]}}");
    assertThat(content()).isEqualTo(Json.tree("{spec:{containers:[{name:'web',image:'b:1'}]}}"));
    assertThat(owned("a")).doesNotContain(".spec.containers[name=\"web\"].image");
    assertThat(conflicts("a", ONE)).containsExactly("b.spec.containers[name=\"web\"].image");
  }

  @Test
  void sharesAFieldThatTwoSetToTheSameValue() {
    apply("a", "{metadata:{labels:{x:'1'}}}");
    apply("b", "{metadata:{labels:{x:'1'}}}");
    apply("a", "{metadata:{}}");
    assertThat(content())
        .as("b still wants it")
        .isEqualTo(Json.tree("{metadata:{labels:{x:'1'}}}"));
    apply("b", "{metadata:{}}");
    assertThat(content()).isEqualTo(Json.tree("{}"));
  }

  @Test
  void mergesKeyedListsOfSeveralManagers() {
    apply("a", ONE);
    apply("b", "{spec:{containers:[{name:'side',image:'s:1'}]}}");
    apply(
        "b",
        "{spec:{containers:[{name:'side',image:'s:2'},{name:'web',env:[{name:'E',value:'1'}]}]}}");
    assertThat(content())
        .isEqualTo(
            Json.tree(
                "{spec:{containers:[{name:'side',image:'s:2'},"
                    + "{name:'web',image:'a:1',env:[{name:'E',value:'1'}]}]}}"));
    apply("b", "{spec:{}}");
    assertThat(content()).as("what b brought goes, what a owns stays").isEqualTo(Json.tree(ONE));
  }

  @Test
  void takesTheDefaultOfAKeyForTheKey() {
    apply("a", "{spec:{containers:[{name:'web',ports:[{containerPort:80}]}]}}");
    apply(
        "b",
        "{spec:{containers:[{name:'web',ports:[{containerPort:80,protocol:'TCP',hostPort:8080},{containerPort:80,protocol:'UDP'}]}]}}");
    assertThat(live().path("spec").path("containers").path(0).path("ports"))
        .as("80 and 80/TCP are one port, 80/UDP another")
        .hasSize(2);
  }

  @Test
  void ownsAnAtomicListAsAWhole() {
    apply("a", "{spec:{containers:[{name:'web',args:['x','y']}]}}");
    assertThat(conflicts("b", "{spec:{containers:[{name:'web',args:['x','z']}]}}"))
        .containsExactly("a.spec.containers[name=\"web\"].args");
  }

  @Test
  void keepsTheValuesThatOthersAddedToASet() {
    apply("a", "{metadata:{finalizers:['x.io/a']}}");
    apply("b", "{metadata:{finalizers:['x.io/b']}}");
    apply("a", "{metadata:{}}");
    assertThat(content()).isEqualTo(Json.tree("{metadata:{finalizers:['x.io/b']}}"));
  }

  @Test
  void keepsAnEmptyListThatWasApplied() {
    apply("a", "{metadata:{labels:{x:'1'},finalizers:['x.io/a']}}");
    apply("a", "{metadata:{labels:{x:'1'},finalizers:[]}}");
    assertThat(content()).isEqualTo(Json.tree("{metadata:{labels:{x:'1'},finalizers:[]}}"));
  }

  @Test
  void letsAnUpdateTakeAFieldFromItsApplier() {
    apply("a", ONE);
    update("editor", "{spec:{containers:[{name:'web',image:'b:1'}]}}");
    assertThat(conflicts("a", ONE)).containsExactly("editor.spec.containers[name=\"web\"].image");
    assertThat(conflicts("a", "{spec:{containers:[{name:'web',image:'b:1'}]}}")).isEmpty();
  }

  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  /** As {@code kubectl apply} leaves it. */
  private void appliedOnTheClient(String image) {
    update(
        "kubectl-client-side-apply",
        """
        {metadata:{annotations:{'%s':'{"apiVersion":"v1","spec":{"containers":[{"name":"web","image":"%s"}]}}'}},
         spec:{containers:[{name:'web',image:'%s'}]}}
        """
            .formatted(LAST_APPLIED, image, image));
  }

  @Test
  void letsKubectlTakeWhatItAppliedOnTheClientBefore() {
    live = Json.object("{}");
    appliedOnTheClient("a:1");
    String config = "{apiVersion:'v1',spec:{containers:[{name:'web',image:'b:1'}]}}";
    assertThat(conflicts("another", config)).hasSize(1);
    apply("kubectl", config);
    assertThat(live().at("/spec/containers/0/image").asText()).isEqualTo("b:1");
    assertThat(live().path("metadata").path("annotations").path(LAST_APPLIED).asText())
        .as("kept up to date, for going back")
        .isEqualTo(
            "{\"apiVersion\":\"v1\",\"spec\":{\"containers\":[{\"image\":\"b:1\",\"name\":\"web\"}]}}\n");
  }

  @Test
  void doesNotLetKubectlTakeWhatSomebodyChangedSince() {
    live = Json.object("{}");
    appliedOnTheClient("a:1");
    ObjectNode edited = live().deepCopy();
    ((ObjectNode) edited.at("/spec/containers/0")).put("image", "c:1");
    update("editor", edited.toString());
    assertThat(conflicts("kubectl", "{spec:{containers:[{name:'web',image:'b:1'}]}}"))
        .containsExactly("editor.spec.containers[name=\"web\"].image");
  }

  @Test
  void forgetsTheOwnersOfWhatAnUpdateRemoved() {
    apply("a", "{metadata:{labels:{x:'1'}},spec:{containers:[{name:'web',image:'a:1'}]}}");
    update("editor", ONE);
    assertThat(owned("a")).doesNotContain(".metadata.labels.x");
    assertThat(conflicts("b", "{metadata:{labels:{x:'2'}}}")).isEmpty();
  }

  @Test
  void ownsNothingThatTheServerSets() {
    apply("a", "{apiVersion:'v1',kind:'Pod',metadata:{name:'p',namespace:'d',labels:{x:'1'}}}");
    assertThat(owned("a")).containsExactly(".metadata.labels.x");
  }

  @Test
  void leavesTheStatusToThoseWhoWriteStatus() {
    apply("a", ONE);
    ObjectNode before = live().deepCopy();
    before.putObject("status").put("phase", "Running");
    live = before;
    apply("a", "{spec:{containers:[{name:'web',image:'a:2'}]},status:{phase:'Failed'}}");
    assertThat(live().path("status").path("phase").asText()).isEqualTo("Running");
  }

  @Test
  void keepsItsTimeWhenNothingChanges() {
    apply("a", ONE);
    ObjectNode before = live().deepCopy();
    Result again =
        ServerSideApply.apply(
            POD, live, Json.object(ONE), applier("a"), OnConflict.REFUSE, "2027-01-01T00:00:00Z");
    take(again);
    assertThat(live()).isEqualTo(before);
  }

  /** Whatever was applied before: applying again changes nothing, and giving all up leaves none. */
  @Test
  void holdsItsLawsOverGeneratedConfigurations() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int run = 0; run < 300; run++) {
      live = null;
      List<String> managers = new ArrayList<>(List.of("a", "b", "c"));
      for (int step = 0; step < 6; step++) {
        String manager = managers.get(random.nextInt(3));
        String config = generated(random);
        force(manager, config);
        ObjectNode once = live().deepCopy();
        force(manager, config);
        assertThat(live()).as("seed %d: %s again", seed, config).isEqualTo(once);
        List<String> there = Ownership.of(POD, live()).paths();
        assertThat(owned(manager))
            .as("seed %d: what is owned is there", seed)
            .allMatch(path -> there.stream().anyMatch(p -> p.startsWith(path)));
      }
      for (String manager : managers) {
        force(manager, "{}");
      }
      assertThat(content()).as("seed %d", seed).isEqualTo(Json.tree("{}"));
    }
  }

  @Test
  void whatIsRemovedIsWhatWasThereWithoutWhatIs() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int run = 0; run < 300; run++) {
      ObjectNode before = Json.object(generated(random));
      ObjectNode now = Json.object(generated(random));
      Set<String> gone = new TreeSet<>(Ownership.of(POD, before).paths());
      Ownership.of(POD, now).paths().forEach(gone::remove);
      assertThat(Ownership.removed(POD, before, now).paths())
          .as("seed %d: %s, then %s", seed, before, now)
          .containsExactlyInAnyOrderElementsOf(gone);
    }
  }

  private static String generated(Random random) {
    StringBuilder labels = new StringBuilder("app:'" + random.nextInt(2) + "'");
    if (random.nextBoolean()) {
      labels.append(",tier:'").append(random.nextInt(3)).append("'");
    }
    StringBuilder containers = new StringBuilder();
    for (String name : List.of("web", "log", "side")) {
      if (random.nextBoolean()) {
        containers
            .append(containers.isEmpty() ? "" : ",")
            .append("{name:'%s',image:'i:%d'".formatted(name, random.nextInt(3)))
            .append(random.nextBoolean() ? ",args:['" + random.nextInt(3) + "']" : "")
            .append(
                random.nextBoolean()
                    ? ",ports:[{containerPort:" + (80 + random.nextInt(2)) + "}]"
                    : "")
            .append('}');
      }
    }
    return "{metadata:{labels:{%s}%s},spec:{containers:[%s]}}"
        .formatted(
            labels,
            random.nextBoolean() ? ",finalizers:['x.io/" + random.nextInt(2) + "']" : "",
            containers);
  }
}
