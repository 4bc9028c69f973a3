package dev.jctl.manifests.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class YamlTextTest {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Texts that a careless writer gets wrong. */
  private static final List<String> TRAPS =
      List.of(
          "",
          " ",
          "~",
          "null",
          "yes",
          "No",
          "on",
          "y",
          "true",
          "1",
          "0644",
          "1e3",
          "1_000",
          ".5",
          "0x1F",
          "+1",
          ".inf",
          ".nan",
          "12:30",
          "2026-01-31",
          "-",
          "- a",
          "-a",
          "--- a",
          "...",
          "a:",
          "a: b",
          "a #b",
          "#a",
          "*a",
          "&a",
          "!a",
          "%a",
          "@a",
          "`a",
          "'",
          "\"",
          "it's",
          "{a}",
          "[a]",
          "a,b",
          "? a",
          "|",
          ">",
          "<<",
          "=",
          "\\",
          "a\\nb",
          "a\nb",
          "a\n",
          "\na",
          "a\n\nb\n",
          "a\n\n",
          " a\nb",
          "a\n b\n",
          "a \nb",
          "a\n  \nb",
          "\t",
          "a\tb",
          "a\r\nb",
          "\u0000",
          "\u0085",
          "\u00a0",
          "\u2028",
          "\uFEFFa",
          "é",
          "日本",
          "😀",
          "a\n😀",
          "\uD7FF",
          "x".repeat(300),
          "a b",
          "a  b",
          "a ",
          "nginx:1.27",
          "sh -c 'x'",
          "http://a/b?c=d#e",
          "$(VAR)",
          "a\nb: c\n",
          "#!/bin/sh\nls\n");

  @Test
  void readsBackAsTheSameTree() {
    long seed = 4711;
    Random random = new Random(seed);
    for (int i = 0; i < 3000; i++) {
      JsonNode tree = tree(random, 4);
      String text = YamlText.write(tree);
      YamlDocuments.Parsed parsed = YamlDocuments.parse(text);
      assertThat(parsed.errors()).as("seed %s: %s", seed, text).isEmpty();
      assertThat(TreeBuilder.build(parsed.documents().getFirst()))
          .as("seed %s: %s", seed, text)
          .isEqualTo(tree);
    }
  }

  private static JsonNode tree(Random random, int depth) {
    return switch (random.nextInt(depth == 0 ? 6 : 10)) {
      case 0 -> NODES.numberNode(random.nextInt());
      case 1 -> NODES.numberNode(random.nextLong() | 1L << 40);
      case 2 -> NODES.booleanNode(random.nextBoolean());
      case 3 -> NODES.nullNode();
      case 4 -> NODES.numberNode(random.nextInt(1000) / 8.0 + 0.0625);
      case 5 -> NODES.textNode(text(random));
      case 6, 7 -> list(random, depth);
      default -> object(random, depth);
    };
  }

  private static ArrayNode list(Random random, int depth) {
    ArrayNode list = NODES.arrayNode();
    for (int n = random.nextInt(4); n > 0; n--) {
      list.add(tree(random, depth - 1));
    }
    return list;
  }

  private static ObjectNode object(Random random, int depth) {
    ObjectNode object = NODES.objectNode();
    for (int n = random.nextInt(4); n > 0; n--) {
      object.set(text(random), tree(random, depth - 1));
    }
    return object;
  }

  private static String text(Random random) {
    String trap = TRAPS.get(random.nextInt(TRAPS.size()));
    return random.nextInt(4) == 0 ? trap + TRAPS.get(random.nextInt(TRAPS.size())) : trap;
  }

  @Test
  void looksAsKubectlPrintsIt() {
    ObjectNode tree = NODES.objectNode();
    tree.put("image", "nginx:1.27").put("port", 80).put("mode", "0644").put("empty", "");
    tree.putObject("none");
    tree.putArray("args").add("-c").add("echo 'a'; exit").add("a: b").add("# c");
    ObjectNode item = tree.putArray("env").addObject();
    item.put("name", "A").put("value", "yes").putObject("sub").put("k", "v");
    tree.withArray("env").addArray().add(1).add(2);
    tree.put("script", "#!/bin/sh\nls\n").put("two", "a\nb");
    assertThat(YamlText.write(tree))
        .isEqualTo(
            """
            image: nginx:1.27
            port: 80
            mode: "0644"
            empty: ""
            none: {}
            args:
            - -c
            - echo 'a'; exit
            - 'a: b'
            - '# c'
            env:
            - name: A
              value: "yes"
              sub:
                k: v
            - - 1
              - 2
            script: |
              #!/bin/sh
              ls
            two: |-
              a
              b
            """);
  }
}
