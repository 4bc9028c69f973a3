package dev.jctl.shim.plan;

import java.util.List;

/**
 * One system call of a program.
 *
 * @param call the kernel's name of it
 * @param what it is for, in the words of an error message: {@code mount proc on /proc}
 * @param minimum a lesser result is a failure: 0 for most; Long.MIN_VALUE when none is
 * @param tolerated unless it is this result (a negated errno); 0 for none
 * @param skipped number of records that are passed over then
 */
public record SyscallRecord(
    String call, List<Argument> arguments, String what, long minimum, long tolerated, int skipped) {
  static final int ENOENT = 2;
  static final int EBADF = 9;
  static final int EEXIST = 17;
  static final int ENOTDIR = 20;
  static final int EINVAL = 22;

  public SyscallRecord {
    arguments = List.copyOf(arguments);
  }

  static SyscallRecord of(String what, String call, Argument... arguments) {
    return new SyscallRecord(call, List.of(arguments), what, 0, 0, 0);
  }

  SyscallRecord atLeast(long minimum) {
    return new SyscallRecord(call, arguments, what, minimum, tolerated, skipped);
  }

  SyscallRecord mayFail() {
    return atLeast(Long.MIN_VALUE);
  }

  SyscallRecord tolerating(int errno) {
    return skipping(0, errno);
  }

  /** When it fails with {@code errno}, that many records are passed over. */
  SyscallRecord skipping(int records, int errno) {
    return new SyscallRecord(call, arguments, what, minimum, -errno, records);
  }
}
