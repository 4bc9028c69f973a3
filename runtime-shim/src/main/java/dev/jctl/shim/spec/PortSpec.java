package dev.jctl.shim.spec;

/**
 * One published port: what arrives at {@code hostIp:hostPort} goes to {@code targetIp:targetPort}.
 *
 * @param sandboxId whose port it is
 * @param protocol {@code TCP} or {@code UDP}
 * @param hostIp an address of the host, or {@code 0.0.0.0} for all
 */
public record PortSpec(
    String sandboxId,
    String protocol,
    String hostIp,
    int hostPort,
    String targetIp,
    int targetPort) {}
