package dev.jctl.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OutputTest {
  private static JsonNode json(String text) {
    try {
      return Json.read(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{.metadata.name}|web",
        "{.items[*].n}|1 2 3",
        "{.items[-1].n}|3",
        "{.items[?(@.k==\"b\")].n}|2",
        "{.items[?(@.k!=\"b\")].n}|1 3",
        "{range .items[*]}{.k}={.n},{end}|a=1,b=2,c=3,",
        "{.labels['a.b/c']}|v",
        "{.labels.a\\.b/c}|v",
        "name is {.metadata.name}|name is web",
        "{.items[0]}|{\"k\":\"a\",\"n\":1}",
        "{.nothing.here}|``"
      })
  void jsonPathReadsWhatIsUsedInPractice(String template, String text) {
    JsonNode object =
        json(
            "{'metadata':{'name':'web'},'labels':{'a.b/c':'v'},"
                + "'items':[{'k':'a','n':1},{'k':'b','n':2},{'k':'c','n':3}]}");
    assertThat(JsonPath.render(template, object)).isEqualTo(text);
  }

  @Test
  void jsonPathSaysWhatItCannotRead() {
    assertThatThrownBy(() -> JsonPath.render("{.a[}", json("{}"))).hasMessageContaining(".a[");
    assertThatThrownBy(() -> JsonPath.render("{range .a}", json("{}")))
        .hasMessageContaining("{end}");
  }

  /** A law of every diff: taking the marked lines gives both texts back. */
  @Test
  void aDiffHoldsBothTexts() {
    Random random = new Random(7);
    for (int run = 0; run < 200; run++) {
      List<String> a = lines(random);
      List<String> b = lines(random);
      List<String> diff = UnifiedDiff.of("a", "b", String.join("\n", a), String.join("\n", b));
      assertThat(diff.isEmpty()).as("seed 7, run %d", run).isEqualTo(a.equals(b));
      List<String> body = diff.stream().skip(2).filter(l -> !l.startsWith("@@")).toList();
      assertThat(a.size() - marked(body, '-')).isEqualTo(b.size() - marked(body, '+'));
      assertThat(without('+', body)).isSubsetOf(a);
      assertThat(without('-', body)).isSubsetOf(b);
    }
  }

  private static List<String> lines(Random random) {
    List<String> lines = new ArrayList<>();
    for (int i = random.nextInt(30); i >= 0; i--) {
      lines.add("line " + random.nextInt(4));
    }
    return lines;
  }

  private static long marked(List<String> body, char mark) {
    return body.stream().filter(l -> l.charAt(0) == mark).count();
  }

  private static List<String> without(char left, List<String> body) {
    return body.stream().filter(l -> l.charAt(0) != left).map(l -> l.substring(1)).toList();
  }

  @Test
  void aDiffShowsThreeLinesAroundEachChange() {
    String before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n";
    String after = before.replace("2\n3", "2\nnew\n3").replace("15\n", "");
    assertThat(UnifiedDiff.of("a", "b", before, after))
        .containsExactly(
            "--- a",
            "+++ b",
            "@@ -1,5 +1,6 @@",
            " 1",
            " 2",
            "+new",
            " 3",
            " 4",
            " 5",
            "@@ -12,5 +13,4 @@",
            " 12",
            " 13",
            " 14",
            "-15",
            " 16");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'phase':'Running','conditions':[{'type':'Ready','status':'True'}]}|READY|Running",
        "{'phase':'Pending','conditions':[{'type':'Ready','status':'False','reason':'ImageNotFound'}]}|WAITING|ImageNotFound",
        "{'phase':'Paused','conditions':[{'type':'Ready','status':'False','reason':'Paused'}]}|READY|Paused",
        "{'phase':'CrashLoopBackOff','conditions':[{'type':'Ready','status':'False'}]}|WAITING|CrashLoopBackOff",
        "{'phase':'Succeeded','conditions':[{'type':'Ready','status':'False'}]}|READY|Succeeded",
        "{'phase':'Failed','conditions':[{'type':'Ready','status':'False','reason':'Error'}]}|FAILED|Error",
        "{'observedGeneration':1,'phase':'Running','conditions':[{'type':'Ready','status':'True'}]}|WAITING|Running",
        "{}|WAITING|Pending"
      })
  void readinessIsWhatTheStatusSaysOfThisGeneration(
      String status, Readiness.State state, String word) {
    JsonNode object =
        json("{'kind':'Container','metadata':{'generation':2},'status':" + status + "}");
    Readiness readiness = Readiness.of(object);
    assertThat(readiness.state()).isEqualTo(state);
    assertThat(readiness.status()).isEqualTo(word);
  }

  @Test
  void aPlanSaysWhatBecomesOfEachObjectAndWhy() {
    JsonNode plan =
        json(
            "{'items':[{'object':{'apiVersion':'jctl.dev/v1','kind':'Image','name':'web'},"
                + "'action':'create'},"
                + "{'object':{'apiVersion':'jctl.dev/v1','kind':'Container','name':'web'},"
                + "'action':'recreate','changes':[{'path':'spec.env[0].value','before':'a',"
                + "'after':'b','forces':true}],'waitsFor':['Image/default/web'],"
                + "'unavailable':'for a while'}]}");
    assertThat(PlanText.changes(plan)).isTrue();
    assertThat(PlanText.plain(plan))
        .containsExactly(
            "+ image.jctl.dev/web create",
            "! container.jctl.dev/web recreate",
            "    spec.env[0].value: \"a\" -> \"b\"  (forces it)",
            "    waits for Image/default/web",
            "    away for a while",
            "Plan: 1 to create, 0 in place, 0 to roll, 0 to restart, 1 to recreate, 0 to"
                + " delete, 0 unchanged.");
    assertThat(PlanText.coloured(plan).getFirst())
        .isEqualTo("\u001b[32m+ image.jctl.dev/web create\u001b[0m");
    assertThat(PlanText.changes(json("{'items':[{'action':'none'}]}"))).isFalse();
  }

  @Test
  void jsonTextSurvivesTheWayToATreeAndBack() throws IOException {
    String text =
        "{\"a\":[1,2.5,\"x\\u0001\",true,null,{}],\"big\":123456789012345678901,\"l\":5000000000}";
    assertThat(Json.compact(Json.read(text.getBytes(StandardCharsets.UTF_8)))).isEqualTo(text);
  }
}
