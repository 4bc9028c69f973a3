package dev.jctl.images.oci;

/** Bounds that hold for every document. */
public final class Documents {
  /** Registries refuse manifests beyond 4 MiB; configurations are rarely beyond 100 kB. */
  public static final int MAX_BYTES = 8 << 20;

  private Documents() {}
}
