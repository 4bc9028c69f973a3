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
}
