package dev.jctl.images;

/** Architectures in Go's words, as images use them. */
public final class Platforms {
  private Platforms() {}

  public static String hostArchitecture() {
    String arch = System.getProperty("os.arch");
    return switch (arch) {
      case "amd64", "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> arch;
    };
  }

  /** {@code linux/ARCHITECTURE} of this machine, as images and Dockerfiles say it. */
  public static String host() {
    return "linux/" + hostArchitecture();
  }

  /** Whether a platform is this machine's, in whatever variant. */
  public static boolean isHost(String platform) {
    return (platform + "/").startsWith(host() + "/");
  }
}
