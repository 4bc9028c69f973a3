package dev.jctl.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PublishedAtTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"ports\":[{\"containerPort\":80},{\"containerPort\":81,\"hostPort\":8081}]} | 127.0.0.1:8081",
        "{\"ports\":[{\"containerPort\":80,\"hostPort\":8080,\"hostIP\":\"10.1.2.3\"}]} | 10.1.2.3:8080",
        "{\"publish\":[\"8000-8010:8000-8010\"]} | 127.0.0.1:8000",
        "{\"publish\":[\"0.0.0.0:53:53/udp\"]} | 127.0.0.1:53",
        "{\"publish\":[\"[2001:db8::1]:443:8443\"]} | [2001:db8::1]:443",
        "{\"publish\":[\"[::]:443:8443\"]} | [::1]:443",
        "{\"ports\":[{\"containerPort\":80}]} | ''",
      })
  void isWhereAClientOnThisMachineFindsIt(String spec, String expected) throws Exception {
    assertThat(PublishedAt.first(new ObjectMapper().readTree(spec)).orElse("")).isEqualTo(expected);
  }
}
