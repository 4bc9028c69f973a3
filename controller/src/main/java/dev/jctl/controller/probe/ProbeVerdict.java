package dev.jctl.controller.probe;

/**
 * What the probes say of one container.
 *
 * @param started the startup probe has passed, or there is none
 * @param ready the readiness probe passes, or there is none
 * @param restart why the container must be restarted; empty when it need not
 * @param message why it is not ready
 */
public record ProbeVerdict(boolean started, boolean ready, String restart, String message) {
  /** Of a container without probes. */
  public static final ProbeVerdict FINE = new ProbeVerdict(true, true, "", "");
}
