package dev.jctl.controller.resources;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.StoredObject.Content;
import org.junit.jupiter.api.Test;

class StoredObjectTest {
  private static final String JSON =
      """
      {"metadata":{"name":"web","uid":"u1"},"spec":{"replicas":9223372036854775807,"ratio":1.50}}
      """;

  private final ObjectNode tree = ResourceCodec.tree(JSON.getBytes(UTF_8));

  @Test
  void contentThatRestsIsDecodedWhenSomebodyLooksAndOnlyOnceThen() {
    Content.Resting content = new Content.Resting(tree);
    content.rest();
    ObjectNode again = content.tree();
    assertThat(again).isEqualTo(tree).isNotSameAs(tree);
    assertThat(content.tree()).isSameAs(again);
  }

  @Test
  void contentThatIsLookedAtIsWhatItWasMadeOf() {
    assertThat(new Content.Resting(tree).tree()).isSameAs(tree);
  }

  @Test
  void theUidOfContentThatRestsIsKnown() {
    Content.Resting content = new Content.Resting(tree);
    content.rest();
    assertThat(content.uid()).isEqualTo("u1");
  }
}
