package dev.jctl.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentProxiesTest {
  private static final EnvironmentProxies PROXIES =
      new EnvironmentProxies(
          Map.of(
              "HTTPS_PROXY", "http://secure.lan:3128",
              "HTTP_PROXY", "shadowed.lan:1",
              "http_proxy", "plain.lan",
              "NO_PROXY", "internal.example, .below.example,10.0.0.7,ported.example:5000"));

  @ParameterizedTest
  @CsvSource({
    "https://r.example/v2/,             secure.lan:3128",
    "http://r.example/v2/,              plain.lan:80",
    "https://internal.example/,         direct",
    "https://a.internal.example/,       direct",
    "https://myinternal.example/,       secure.lan:3128",
    "https://a.below.example/,          direct",
    "https://10.0.0.7:5000/,            direct",
    "https://10.0.0.70/,                secure.lan:3128",
    "https://ported.example:5000/,      direct",
    "https://ported.example/,           secure.lan:3128",
    "http://127.0.0.1:5000/,            direct",
    "https://localhost/,                direct",
  })
  void choosesAsGoDoes(String uri, String expected) {
    assertThat(PROXIES.select(URI.create(uri)).stream().map(EnvironmentProxiesTest::shown))
        .containsExactly(expected);
  }

  private static String shown(Proxy proxy) {
    return proxy.address() instanceof InetSocketAddress address
        ? address.getHostString() + ":" + address.getPort()
        : "direct";
  }

  @ParameterizedTest
  @CsvSource({"https://r.example/", "http://r.example/"})
  void goesDirectlyWithoutVariables(String uri) {
    assertThat(new EnvironmentProxies(Map.of()).select(URI.create(uri)))
        .isEqualTo(List.of(Proxy.NO_PROXY));
  }
}
