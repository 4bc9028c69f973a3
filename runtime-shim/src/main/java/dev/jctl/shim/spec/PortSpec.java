package dev.jctl.shim.spec;

/**
 * One published port: what arrives at {@code hostIp:hostPort} goes to {@code targetIp:targetPort}.
 *
 * @param sandboxId whose port it is
 * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}
 * @param hostIp an address of the host, or {@code 0.0.0.0} for all
 * @param exposure from where; the machine alone unless said otherwise
 */
public record PortSpec(
    String sandboxId,
    String protocol,
    String hostIp,
    int hostPort,
    String targetIp,
    int targetPort,
    Exposure exposure) {
  public PortSpec {
    exposure = exposure == null ? Exposure.LOCALHOST : exposure;
  }
}
