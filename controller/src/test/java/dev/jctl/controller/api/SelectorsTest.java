package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.jctl.controller.resources.ApiException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorsTest {
  private static final JsonNode WEB = web();

  private static JsonNode web() {
    var object = JsonNodeFactory.instance.objectNode();
    object
        .putObject("metadata")
        .put("name", "web")
        .putObject("labels")
        .put("app", "web")
        .put("tier", "front")
        .put("jctl.dev/set", "")
        .put("v", "1.2");
    object.putObject("spec").put("hostNetwork", true).put("priority", 5);
    object.putObject("status").put("phase", "Running");
    return object;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "app=web                      | true",
        "app==web,tier=front          | true",
        "app = web , tier != back     | true",
        "app=web,tier=back            | false",
        "app!=web                     | false",
        "none!=web                    | true",
        "app in (web,api)             | true",
        "app in (api, web),tier       | true",
        "app in (api)                 | false",
        "app notin (api)              | true",
        "app notin (web,api)          | false",
        "none notin (web)             | true",
        "app                          | true",
        "none                         | false",
        "!none                        | true",
        "! app                        | false",
        "jctl.dev/set=                | true",
        "v=1.2                        | true",
        "''                           | true",
      })
  void selectsByLabels(String selector, boolean matches) {
    assertThat(LabelSelector.parse(selector).matches(WEB)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "metadata.name=web                        | true",
        "metadata.name!=web                       | false",
        "status.phase=Running,metadata.name==web  | true",
        "status.phase!=Running                    | false",
        "status.podIP=                            | true",
        "spec.hostNetwork=true                    | true",
        "spec.priority=5                          | true",
        "''                                       | true",
      })
  void selectsByFields(String selector, boolean matches) {
    assertThat(FieldSelector.parse(selector).matches(WEB)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(strings = {"app=web,", "a b", "app in web", "app in (web", "=web", "app=we/b", ","})
  void refusesLabelSelectorsThatMeanNothing(String selector) {
    assertThatThrownBy(() -> LabelSelector.parse(selector))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("labelSelector");
  }

  @ParameterizedTest
  @ValueSource(strings = {"metadata.name", "=x", "metadata.name=a,"})
  void refusesFieldSelectorsThatMeanNothing(String selector) {
    assertThatThrownBy(() -> FieldSelector.parse(selector))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("fieldSelector");
  }
}
