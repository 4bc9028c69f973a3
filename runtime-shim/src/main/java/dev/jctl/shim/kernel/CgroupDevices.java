package dev.jctl.shim.kernel;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs that guard the devices of cgroups, bpf(2). They live as long as their group. */
public final class CgroupDevices {
  private static final int BPF_PROG_LOAD = 5;
  private static final int BPF_PROG_ATTACH = 8;
  private static final int BPF_PROG_DETACH = 9;
  private static final int BPF_PROG_GET_FD_BY_ID = 13;
  private static final int BPF_PROG_QUERY = 16;
  private static final int BPF_PROG_TYPE_CGROUP_DEVICE = 15;
  private static final int BPF_CGROUP_DEVICE = 6;

  /** Those of the groups above count as well. */
  private static final int BPF_F_ALLOW_MULTI = 2;

  /** Of union bpf_attr, as far as it is needed. */
  private static final int ATTRIBUTE_BYTES = 72;

  private static final int MOST_PROGRAMS = 64;

  private CgroupDevices() {}

  /**
   * Attaches a program to a v2 group, and detaches those that were there.
   *
   * @param instructions of a BPF_PROG_TYPE_CGROUP_DEVICE
   */
  public static void guard(Path group, List<Long> instructions) {
    int directory = Kernel.open(group.toString(), Kernel.O_RDONLY | Kernel.O_DIRECTORY, 0);
    try {
      List<Integer> before = attached(directory, group);
      int program = load(instructions);
      try {
        attach(BPF_PROG_ATTACH, directory, program, "attach a device program to " + group);
      } finally {
        Kernel.close(program);
      }
      before.forEach(id -> detach(directory, id, group));
    } finally {
      Kernel.close(directory);
    }
  }

  private static int load(List<Long> instructions) {
    try (NativeMemory code = NativeMemory.allocate(8 * instructions.size());
        NativeMemory license = NativeMemory.text("");
        NativeMemory attributes = NativeMemory.allocate(ATTRIBUTE_BYTES)) {
      for (int i = 0; i < instructions.size(); i++) {
        code.putLong(8L * i, instructions.get(i));
      }
      attributes.putInt(0, BPF_PROG_TYPE_CGROUP_DEVICE);
      attributes.putInt(4, instructions.size());
      attributes.putLong(8, code.address());
      attributes.putLong(16, license.address());
      return bpf(BPF_PROG_LOAD, attributes, "load a device program");
    }
  }

  private static void attach(int command, int group, int program, String what) {
    try (NativeMemory attributes = NativeMemory.allocate(ATTRIBUTE_BYTES)) {
      attributes.putInt(0, group);
      attributes.putInt(4, program);
      attributes.putInt(8, BPF_CGROUP_DEVICE);
      attributes.putInt(12, command == BPF_PROG_ATTACH ? BPF_F_ALLOW_MULTI : 0);
      bpf(command, attributes, what);
    }
  }

  /** Their ids. */
  private static List<Integer> attached(int group, Path path) {
    try (NativeMemory ids = NativeMemory.allocate(4 * MOST_PROGRAMS);
        NativeMemory attributes = NativeMemory.allocate(ATTRIBUTE_BYTES)) {
      attributes.putInt(0, group);
      attributes.putInt(4, BPF_CGROUP_DEVICE);
      attributes.putLong(16, ids.address());
      attributes.putInt(24, MOST_PROGRAMS);
      bpf(BPF_PROG_QUERY, attributes, "look for device programs of " + path);
      List<Integer> found = new ArrayList<>();
      for (int i = 0; i < attributes.getInt(24); i++) {
        found.add(ids.getInt(4L * i));
      }
      return found;
    }
  }

  private static void detach(int group, int id, Path path) {
    int program;
    try (NativeMemory attributes = NativeMemory.allocate(ATTRIBUTE_BYTES)) {
      attributes.putInt(0, id);
      program = bpf(BPF_PROG_GET_FD_BY_ID, attributes, "open device program " + id);
    }
    try {
      attach(BPF_PROG_DETACH, group, program, "detach a device program from " + path);
    } finally {
      Kernel.close(program);
    }
  }

  private static int bpf(int command, NativeMemory attributes, String what) {
    return (int)
        Kernel.syscall("bpf", command, attributes.address(), ATTRIBUTE_BYTES, 0, 0, 0, what);
  }
}
