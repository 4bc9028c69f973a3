package dev.jctl.controller.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class HostSocketsTest {
  private static final InetAddress HERE = InetAddress.getLoopbackAddress();

  @Test
  void knowsWhatListensOnTheMachineAndNotWhatOnlyTalks() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, HERE);
        Socket client = new Socket(HERE, server.getLocalPort());
        DatagramSocket datagrams = new DatagramSocket(new InetSocketAddress(HERE, 0))) {
      assertThat(HostSockets.listening("tcp"))
          .contains(server.getLocalPort())
          .doesNotContain(client.getLocalPort());
      assertThat(HostSockets.listening("udp")).contains(datagrams.getLocalPort());
      assertThat(HostSockets.listening("sctp")).isEmpty();
    }
  }
}
