package dev.jctl.shim.kernel;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Extended attributes, read. xattr(7). */
public final class FileAttributes {
  private static final int MAX_NAMES = 64 << 10;
  private static final int MAX_VALUE = 64 << 10;

  private FileAttributes() {}

  /** Of the entry itself, also when it is a symbolic link; sorted by name. */
  public static Map<String, byte[]> of(String path) {
    Map<String, byte[]> attributes = new TreeMap<>();
    long needed = LibC.INSTANCE.llistxattr(path, null);
    if (needed == 0 || (needed < 0 && Kernel.errno() == Errno.EOPNOTSUPP.number())) {
      return attributes;
    }
    byte[] names = new byte[MAX_NAMES];
    int length = (int) check(LibC.INSTANCE.llistxattr(path, names), "listxattr", path);
    for (String name : new String(names, 0, length, StandardCharsets.UTF_8).split("\0", -1)) {
      if (!name.isEmpty()) {
        attributes.put(name, value(path, name));
      }
    }
    return attributes;
  }

  private static byte[] value(String path, String name) {
    byte[] value = new byte[MAX_VALUE];
    long length = LibC.INSTANCE.lgetxattr(path, name, value);
    return java.util.Arrays.copyOf(value, (int) check(length, "getxattr " + name, path));
  }

  private static long check(long result, String call, String path) {
    if (result < 0) {
      throw new KernelException(call + " " + path, Kernel.errno());
    }
    return result;
  }
}
