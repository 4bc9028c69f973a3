package dev.jctl.shim.spec;

/**
 * One file of a volume whose content its user gives.
 *
 * @param path relative, without {@code ..}
 * @param mode permission bits
 * @param base64 the content, which may be a secret
 */
public record VolumeFile(String path, int mode, String base64) {
  @Override
  public String toString() {
    return "VolumeFile[" + path + ", mode " + Integer.toOctalString(mode) + "]";
  }
}
