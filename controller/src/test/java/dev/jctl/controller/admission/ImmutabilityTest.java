package dev.jctl.controller.admission;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.FieldError;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImmutabilityTest {
  private static List<FieldError> check(ResourceKind kind, String before, String after) {
    return Immutability.check(kind, spec(before), spec(after));
  }

  private static ObjectNode spec(String spec) {
    return Json.object("{spec:%s}".formatted(spec));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{driver:'local'} | {driver:'disk'} | spec.driver | delete the volume and make it anew",
        "{} | {source:{volume:'a'}} | spec.source | make another Volume with this source",
        "{nfs:{server:'a',path:'/x'}} | {nfs:{server:'b',path:'/x'}} | spec.nfs | make another"
            + " Volume",
        "{plugin:{name:'a'}} | {plugin:{name:'b'}} | spec.plugin.name | make another Volume"
      })
  void whereAVolumeIsCannotChangeAndWhatToDoInsteadIsSaid(
      String before, String after, String path, String advice) {
    assertThat(check(ResourceKind.VOLUME, before, before)).isEmpty();
    assertThat(check(ResourceKind.VOLUME, before, after))
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.path()).isEqualTo(path);
              assertThat(error.message()).contains(advice);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{capacity:'1Gi'} | {capacity:'2Gi'}",
        "{reclaimPolicy:'Retain'} | {reclaimPolicy:'Delete'}",
        "{plugin:{name:'a'}} | {plugin:{name:'a',parameters:{p:'q'}}}"
      })
  void whatCanBeDoneToAVolumeThatIsThereIsNotRefused(String before, String after) {
    assertThat(check(ResourceKind.VOLUME, before, after)).isEmpty();
  }

  private static final String ADDRESSED = "{clusterIP:'10.96.0.1',clusterIPs:['10.96.0.1']}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        ADDRESSED + " | {clusterIP:'10.96.0.2'}",
        ADDRESSED + " | {clusterIP:'None'}",
        "{clusterIP:'None',clusterIPs:['None']} | {clusterIP:'10.96.0.2'}"
      })
  void theAddressThatAServiceHasCannotChange(String before, String after) {
    assertThat(check(ResourceKind.SERVICE, before, after))
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.path()).isEqualTo("spec.clusterIP");
              assertThat(error.message()).contains("may not change once set");
            });
  }

  /** One that was asked for and is held by another was never its own. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        ADDRESSED + " | {}",
        ADDRESSED + " | " + ADDRESSED,
        ADDRESSED + " | {type:'ExternalName',externalName:'a.b'}",
        "{type:'ExternalName',externalName:'a.b'} | {clusterIP:'10.96.0.2'}",
        "{clusterIP:'10.96.0.1'} | {clusterIP:'10.96.0.2'}"
      })
  void anAddressCanBeLeftOutOrChosenWhereThereIsNone(String before, String after) {
    assertThat(check(ResourceKind.SERVICE, before, after)).isEmpty();
  }
}
