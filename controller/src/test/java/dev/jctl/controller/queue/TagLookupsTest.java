package dev.jctl.controller.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.queue.TagLookups.Asker;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TagLookupsTest {
  private static final ObjectRef IMAGE = new ObjectRef(ResourceKind.IMAGE, "default", "i");
  private static final ObjectRef ONE = new ObjectRef(ResourceKind.POD, "default", "one");
  private static final ObjectRef TWO = new ObjectRef(ResourceKind.POD, "default", "two");

  private final List<ObjectRef> enqueued = new ArrayList<>();
  private final TagLookups lookups = new TagLookups(enqueued::add);

  @Test
  void whoAskedBeforeItWasLookedSharesTheAnswerAndWhoAskedSinceDoesNot() {
    assertThat(lookups.open(IMAGE)).isEmpty();
    assertThat(lookups.ask(IMAGE, new Asker(ONE, "c"), "1")).isEmpty();
    assertThat(lookups.ask(IMAGE, new Asker(TWO, "c"), "1")).isEmpty();
    long before = lookups.open(IMAGE).orElseThrow();
    assertThat(lookups.ask(IMAGE, new Asker(TWO, "other"), "1")).isEmpty();
    enqueued.clear();
    lookups.answer(IMAGE, before, "sha256:a");
    assertThat(enqueued).containsExactlyInAnyOrder(ONE, TWO);
    assertThat(lookups.ask(IMAGE, new Asker(ONE, "c"), "1")).hasValue("sha256:a");
    assertThat(lookups.ask(IMAGE, new Asker(TWO, "other"), "1")).isEmpty();
    assertThat(lookups.open(IMAGE)).isPresent();
  }

  @Test
  void eachStartAsksAnewAndNobodyIsLookedForWhoIsGone() {
    lookups.ask(IMAGE, new Asker(ONE, "c"), "1");
    lookups.answer(IMAGE, lookups.open(IMAGE).orElseThrow(), "sha256:a");
    assertThat(lookups.open(IMAGE)).isEmpty();
    assertThat(lookups.ask(IMAGE, new Asker(ONE, "c"), "2")).isEmpty();
    lookups.answer(IMAGE, lookups.open(IMAGE).orElseThrow(), "sha256:b");
    assertThat(lookups.ask(IMAGE, new Asker(ONE, "c"), "2")).hasValue("sha256:b");
    assertThat(lookups.ask(IMAGE, new Asker(TWO, "c"), "1")).isEmpty();
    lookups.forget(TWO);
    assertThat(lookups.open(IMAGE)).as("one is answered, two is gone").isEmpty();
  }
}
