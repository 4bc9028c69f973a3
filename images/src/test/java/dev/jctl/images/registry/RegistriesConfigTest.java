package dev.jctl.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.reference.ImageReference;
import dev.jctl.images.registry.RegistryLocation.Security;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistriesConfigTest {
  private static final RegistriesConfig CONFIG =
      config(
          """
          {"registry": [
            {"prefix": "docker.io", "mirror": [{"location": "mirror.lan:5000/hub", "insecure": true},
                                               {"location": "other.lan"}]},
            {"location": "plain.lan:5000", "insecure": true},
            {"prefix": "r.example", "location": "moved.example/old"},
            {"prefix": "r.example/team", "location": "team.example"},
            {"prefix": "*.bad.example", "blocked": true}]}
          """);

  private static RegistriesConfig config(String json) {
    return RegistriesConfig.parse("r.json", json.getBytes(StandardCharsets.UTF_8));
  }

  private static RegistryRoute route(String reference) {
    return CONFIG.route(ImageReference.parse(reference));
  }

  @Test
  void mirrorsAreAskedFirstAndHaveTheRestOfTheName() {
    RegistryRoute route = route("nginx:1");
    assertThat(route.mirrors())
        .containsExactly(
            new RegistryLocation("mirror.lan:5000", "hub/library/nginx", Security.WAIVED),
            new RegistryLocation("other.lan", "library/nginx", Security.REQUIRED));
    assertThat(route.origin())
        .isEqualTo(new RegistryLocation("docker.io", "library/nginx", Security.REQUIRED));
  }

  @ParameterizedTest
  @CsvSource({
    "plain.lan:5000/a:1,     plain.lan:5000, a,              WAIVED",
    "plain.lan/a:1,          plain.lan,      a,              REQUIRED",
    "r.example/x/y:1,        moved.example,  old/x/y,        REQUIRED",
    "r.example/team/web:1,   team.example,   web,            REQUIRED",
    "r.example/teammates:1,  moved.example,  old/teammates,  REQUIRED",
    "bad.example/a:1,        bad.example,    a,              REQUIRED",
  })
  void theLongestPrefixDecidesWhereItIs(
      String reference, String host, String repository, Security security) {
    assertThat(route(reference).origin())
        .isEqualTo(new RegistryLocation(host, repository, security));
  }

  @Test
  void whatIsBlockedIsRefused() {
    assertThatThrownBy(() -> route("very.bad.example/a:1"))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BLOCKED))
        .hasMessage("very.bad.example/a:1: r.json blocks *.bad.example");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"registry\": [}                          | r.json:1: not valid JSON",
        "[]                                         | r.json: $: expected an object",
        "{\"registries\": []}                       | unknown field \"registries\"; known are [registry]",
        "{\"registry\": {}}                         | $.registry: expected a list",
        "{\"registry\": [{}]}                       | $.registry[0]: needs a prefix or a location",
        "{\"registry\": [{\"prefix\": 1}]}          | $.registry[0].prefix: expected a string",
        "{\"registry\": [{\"prefix\": \"a b\"}]}    | $.registry[0].prefix: expected HOST[:PORT][/PATH]",
        "{\"registry\": [{\"prefix\": \"a.b\", \"insecure\": 1}]} | $.registry[0].insecure: expected true or false",
        "{\"registry\": [{\"prefix\": \"a.b\", \"mirror\": [{}]}]} | $.registry[0].mirror[0]: needs a location",
      })
  void saysWhatIsWrongAndWhere(String json, String message) {
    assertThatThrownBy(() -> config(json))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_CONFIGURATION))
        .hasMessageContaining(message);
  }

  @Test
  void noRulesMeanNoMirrors() {
    RegistryRoute route = RegistriesConfig.NONE.route(ImageReference.parse("a.b/c:1"));
    assertThat(route)
        .isEqualTo(
            new RegistryRoute(List.of(), new RegistryLocation("a.b", "c", Security.REQUIRED)));
  }
}
