package dev.jctl.shim.kernel;

/** Files that are only in memory, memfd_create(2). */
final class MemoryFile {
  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_ALLOW_SEALING = 2;

  /** Kernel 6.3: needed where {@code vm.memfd_noexec} is set. */
  private static final int MFD_EXEC = 0x10;

  private static final int F_ADD_SEALS = 1033;

  /** F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE. */
  private static final int UNCHANGEABLE = 0xf;

  private static final int READ_AND_EXECUTE = 0555;

  private MemoryFile() {}

  /**
   * A program that everybody may execute and nobody may change.
   *
   * @return a descriptor to read and execute it by
   */
  static int program(String name, byte[] content) {
    int writing = make(name);
    try {
      Kernel.write(writing, content);
      Kernel.syscall("fchmod", writing, READ_AND_EXECUTE, 0, 0, 0, 0, "chmod " + name);
      Kernel.syscall("fcntl", writing, F_ADD_SEALS, UNCHANGEABLE, 0, 0, 0, "seal " + name);
      // what is open for writing cannot be executed
      return Kernel.open("/proc/self/fd/" + writing, Kernel.O_RDONLY, 0);
    } finally {
      Kernel.close(writing);
    }
  }

  private static int make(String name) {
    int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    try (NativeMemory text = NativeMemory.text(name)) {
      try {
        return create(text, flags | MFD_EXEC);
      } catch (KernelException e) {
        if (!e.is(Errno.EINVAL)) {
          throw e;
        }
        return create(text, flags);
      }
    }
  }

  private static int create(NativeMemory name, int flags) {
    return (int) Kernel.syscall("memfd_create", name.address(), flags, 0, 0, 0, 0, "memfd_create");
  }
}
