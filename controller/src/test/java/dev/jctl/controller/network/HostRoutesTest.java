package dev.jctl.controller.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostRoutesTest {
  @Test
  void readsTheMachinesRoutes() {
    List<Cidr> routes = new ArrayList<>();
    HostRoutes.addIpv4(routes, "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0");
    HostRoutes.addIpv4(routes, "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0");
    HostRoutes.addIpv6(routes, "fd000000000000000000000000000000 40 0 00 0 0 0 0 0 lo");
    assertThat(routes).containsExactly(Cidr.parse("192.0.2.0/24"), Cidr.parse("fd00::/64"));
  }
}
