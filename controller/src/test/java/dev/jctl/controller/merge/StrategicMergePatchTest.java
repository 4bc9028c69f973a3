package dev.jctl.controller.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.Schema;
import dev.jctl.manifests.schema.Schemas;
import org.junit.jupiter.api.Test;

class StrategicMergePatchTest {
  private static final Schema POD = Schemas.of(ResourceKind.POD);
  private static final String TWO =
      "{spec:{containers:[{name:'web',image:'a:1',args:['x']},{name:'log',image:'b:1'}]}}";

  private static ObjectNode patched(String target, String patch) {
    ObjectNode before = Json.object(target);
    ObjectNode after = StrategicMergePatch.apply(POD, before, Json.object(patch));
    assertThat(before).as("the target is not changed").isEqualTo(Json.object(target));
    return after;
  }

  @Test
  void mergesContainersByName() {
    assertThat(patched(TWO, "{spec:{containers:[{name:'log',image:'b:2'}]}}"))
        .isEqualTo(
            Json.tree(
                "{spec:{containers:[{name:'web',image:'a:1',args:['x']},"
                    + "{name:'log',image:'b:2'}]}}"));
  }

  @Test
  void putsAContainerOfANewNameFirst() {
    assertThat(patched(TWO, "{spec:{containers:[{name:'new',image:'c'}]}}"))
        .isEqualTo(
            Json.tree(
                "{spec:{containers:[{name:'new',image:'c'},"
                    + "{name:'web',image:'a:1',args:['x']},{name:'log',image:'b:1'}]}}"));
  }

  @Test
  void replacesAListThatHasNoKey() {
    assertThat(patched(TWO, "{spec:{containers:[{name:'web',args:['y','z']}]}}"))
        .isEqualTo(
            Json.tree(
                "{spec:{containers:[{name:'web',image:'a:1',args:['y','z']},"
                    + "{name:'log',image:'b:1'}]}}"));
  }

  @Test
  void mergesListsInListItems() {
    String target =
        "{spec:{containers:[{name:'web',env:[{name:'A',value:'1'},{name:'B',value:'2'}]}]}}";
    assertThat(patched(target, "{spec:{containers:[{name:'web',env:[{name:'B',value:'3'}]}]}}"))
        .isEqualTo(
            Json.tree(
                "{spec:{containers:[{name:'web',"
                    + "env:[{name:'A',value:'1'},{name:'B',value:'3'}]}]}}"));
  }

  @Test
  void removesAFieldThatIsNull() {
    assertThat(patched("{metadata:{labels:{a:'1',b:'2'}}}", "{metadata:{labels:{a:null}}}"))
        .isEqualTo(Json.tree("{metadata:{labels:{b:'2'}}}"));
  }

  @Test
  void deletesAListItem() {
    assertThat(patched(TWO, "{spec:{containers:[{name:'web',$patch:'delete'}]}}"))
        .isEqualTo(Json.tree("{spec:{containers:[{name:'log',image:'b:1'}]}}"));
  }

  @Test
  void emptiesAnObject() {
    assertThat(
            patched(
                "{spec:{securityContext:{runAsUser:1}}}",
                "{spec:{securityContext:{$patch:'delete'}}}"))
        .isEqualTo(Json.tree("{spec:{securityContext:{}}}"));
  }

  @Test
  void replacesAnObject() {
    assertThat(
            patched(
                "{metadata:{labels:{a:'1',b:'2'}}}",
                "{metadata:{labels:{$patch:'replace',c:'3'}}}"))
        .isEqualTo(Json.tree("{metadata:{labels:{c:'3'}}}"));
  }

  @Test
  void replacesAWholeList() {
    assertThat(patched(TWO, "{spec:{containers:[{name:'new',image:'c'},{$patch:'replace'}]}}"))
        .isEqualTo(Json.tree("{spec:{containers:[{name:'new',image:'c'}]}}"));
  }

  @Test
  void retainsOnlyTheNamedKeys() {
    assertThat(
            patched(
                "{spec:{volumes:[{name:'v',emptyDir:{}}]}}",
                "{spec:{volumes:[{name:'v',$retainKeys:['name','hostPath'],hostPath:{path:'/x'}}]}}"))
        .isEqualTo(Json.tree("{spec:{volumes:[{name:'v',hostPath:{path:'/x'}}]}}"));
  }

  @Test
  void unitesASetAndDeletesItsValues() {
    String target = "{metadata:{finalizers:['a','b']}}";
    assertThat(patched(target, "{metadata:{finalizers:['c','a']}}"))
        .isEqualTo(Json.tree("{metadata:{finalizers:['c','a','b']}}"));
    assertThat(patched(target, "{metadata:{'$deleteFromPrimitiveList/finalizers':['a']}}"))
        .isEqualTo(Json.tree("{metadata:{finalizers:['b']}}"));
  }

  @Test
  void putsItemsInTheOrderAskedFor() {
    ObjectNode after =
        patched(
            TWO,
            "{spec:{'$setElementOrder/containers':[{name:'log'},{name:'web'}],"
                + "containers:[{name:'log',image:'b:2'}]}}");
    assertThat(after.path("spec").path("containers").findValuesAsText("name"))
        .containsExactly("log", "web");
  }

  @Test
  void refusesWhatItCannotMerge() {
    assertThatThrownBy(() -> patched(TWO, "{spec:{containers:[{image:'x'}]}}"))
        .isInstanceOf(PatchException.class)
        .hasMessageContaining("merge key \"name\"");
    assertThatThrownBy(() -> patched(TWO, "{spec:{$patch:'explode'}}"))
        .isInstanceOf(PatchException.class)
        .hasMessageContaining("unknown $patch");
  }
}
