package dev.jctl.shim.cgroup;

import dev.jctl.shim.spec.OciSpec.DeviceRule;
import dev.jctl.shim.spec.OciSpec.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Pure: device rules as an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE. The kernel asks it at
 * each {@code mknod} and {@code open} of a device; it says 1 for yes. The last rule that names a
 * device decides, and without one the answer is no.
 *
 * @see <a href="https://docs.kernel.org/bpf/standardization/instruction-set.html">instructions</a>
 */
final class DeviceProgram {
  private static final int LOAD_WORD = 0x61;
  private static final int AND = 0x54;
  private static final int SHIFT_RIGHT = 0x74;
  private static final int COPY = 0xbc;
  private static final int SET = 0xb7;
  private static final int JUMP_NOT_EQUAL = 0x55;
  private static final int JUMP_EQUAL = 0x15;
  private static final int JUMP_NOT_SAME = 0x5d;
  private static final int EXIT = 0x95;

  // registers; the kernel gives struct bpf_cgroup_dev_ctx in the second and takes the first
  private static final int ANSWER = 0;
  private static final int CONTEXT = 1;
  private static final int TYPE = 2;
  private static final int ACCESS = 3;
  private static final int MAJOR = 4;
  private static final int MINOR = 5;
  private static final int SCRATCH = 1;

  private static final Map<Character, Integer> ACCESSES = Map.of('m', 1, 'r', 2, 'w', 4);
  private static final int EVERY_ACCESS = 7;
  private static final Map<String, Integer> TYPES = Map.of("b", 1, "c", 2);

  private DeviceProgram() {}

  /**
   * @return instructions, each as the 8 bytes of a {@code struct bpf_insn}, little-endian; empty
   *     when every device is allowed
   */
  static Optional<List<Long>> of(Resources resources) {
    if (LimitFiles.devices(resources) instanceof LimitFiles.Devices.All) {
      return Optional.empty();
    }
    List<Long> code = new ArrayList<>();
    code.add(instruction(LOAD_WORD, TYPE, CONTEXT, 0, 0));
    code.add(instruction(AND, TYPE, 0, 0, 0xffff));
    code.add(instruction(LOAD_WORD, ACCESS, CONTEXT, 0, 0));
    code.add(instruction(SHIFT_RIGHT, ACCESS, 0, 0, 16));
    code.add(instruction(LOAD_WORD, MAJOR, CONTEXT, 4, 0));
    code.add(instruction(LOAD_WORD, MINOR, CONTEXT, 8, 0));
    LimitFiles.deviceRules(resources).reversed().forEach(rule -> code.addAll(decision(rule)));
    code.addAll(answer(0));
    return Optional.of(List.copyOf(code));
  }

  /** Goes on behind it when the rule says nothing on what is asked. */
  private static List<Long> decision(DeviceRule rule) {
    List<Long> code = new ArrayList<>(answer(rule.allow() ? 1 : 0));
    unless(code, MINOR, rule.minor());
    unless(code, MAJOR, rule.major());
    int access = access(rule.access());
    if (access != EVERY_ACCESS) {
      int behind = code.size();
      // all that is asked for must be allowed; any of it may be denied
      code.addFirst(
          rule.allow()
              ? instruction(JUMP_NOT_SAME, SCRATCH, ACCESS, behind, 0)
              : instruction(JUMP_EQUAL, SCRATCH, 0, behind, 0));
      code.addFirst(instruction(AND, SCRATCH, 0, 0, access));
      code.addFirst(instruction(COPY, SCRATCH, ACCESS, 0, 0));
    }
    Integer type = rule.type() == null ? null : TYPES.get(rule.type());
    unless(code, TYPE, type == null ? null : type.longValue());
    return code;
  }

  private static void unless(List<Long> code, int register, @Nullable Long wanted) {
    if (wanted != null && wanted >= 0) {
      code.addFirst(instruction(JUMP_NOT_EQUAL, register, 0, code.size(), wanted.intValue()));
    }
  }

  private static int access(@Nullable String letters) {
    if (letters == null) {
      return EVERY_ACCESS;
    }
    return letters.chars().map(letter -> ACCESSES.getOrDefault((char) letter, 0)).sum();
  }

  private static List<Long> answer(int answer) {
    return List.of(instruction(SET, ANSWER, 0, 0, answer), instruction(EXIT, 0, 0, 0, 0));
  }

  private static long instruction(int code, int target, int source, int offset, int value) {
    return code
        | (long) target << 8
        | (long) source << 12
        | (long) (offset & 0xffff) << 16
        | (long) value << 32;
  }
}
