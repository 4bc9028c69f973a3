package dev.jctl.shim.plan;

import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.OciSpec.SyscallArg;
import dev.jctl.shim.spec.OciSpec.SyscallRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Compiles the seccomp section of the OCI runtime spec to classic BPF, seccomp(2). Numbers are
 * found by a binary search over ranges of the same verdict; names that this architecture does not
 * have are passed over. On x86-64 a profile may list x86 and x32 as well; architectures that it
 * does not list get no more than the default action.
 *
 * @see <a
 *     href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#seccomp">config-linux.md</a>
 */
public final class SeccompCompiler {
  private static final int LOAD = 0x20;
  private static final int JUMP = 0x05;
  private static final int JUMP_EQUAL = 0x15;
  private static final int JUMP_GREATER = 0x25;
  private static final int JUMP_GREATER_EQUAL = 0x35;
  private static final int AND = 0x54;
  private static final int RETURN = 0x06;

  // struct seccomp_data
  private static final int NUMBER = 0;
  private static final int ARCHITECTURE = 4;
  private static final int ARGUMENTS = 16;

  private static final long AUDIT_ARCH_X86_64 = 0xC000003EL;
  private static final long AUDIT_ARCH_I386 = 0x40000003L;
  private static final long AUDIT_ARCH_AARCH64 = 0xC00000B7L;
  private static final long X32 = 0x4000_0000L;
  private static final long KILL_PROCESS = 0x8000_0000L;
  private static final long ERRNO = 0x0005_0000L;
  private static final long ALLOW = 0x7fff_0000L;
  private static final long LOG = 0x7ffc_0000L;
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;
  private static final String NOTIFY = "SCMP_ACT_NOTIFY";

  /** By which the process tells that there is something to listen to, and waits. */
  private static final Set<String> NEEDED_TO_LISTEN = Set.of("futex", "read");

  private static final int MOST_INSTRUCTIONS = 4096;

  /** Where a comparison leads, of what follows it. */
  private static final int FARTHEST_BRANCH = 255;

  private SeccompCompiler() {}

  /**
   * @param numbers of this architecture, by name
   * @return instructions, each as the 8 bytes of a {@code struct sock_filter}, little-endian
   */
  public static List<Long> compile(OciSpec.Seccomp seccomp, Map<String, Integer> numbers) {
    check(seccomp);
    long fallback = action(seccomp.defaultAction(), seccomp.defaultErrnoRet());
    // only x86-64 has this call; and x32 with it, under the same architecture
    boolean x86 = numbers.containsKey("arch_prctl");
    List<Long> code = new ArrayList<>();
    code.add(instruction(LOAD, 0, 0, ARCHITECTURE));
    if (x86 && lists(seccomp, ForeignSyscalls.X86)) {
      List<Long> foreign = search(seccomp, ForeignSyscalls.X86.numbers(), fallback);
      code.add(instruction(JUMP_EQUAL, 1, 0, AUDIT_ARCH_I386));
      code.add(instruction(JUMP, 0, 0, foreign.size() + 1));
      code.add(instruction(LOAD, 0, 0, NUMBER));
      code.addAll(foreign);
    }
    code.add(instruction(JUMP_EQUAL, 1, 0, x86 ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_AARCH64));
    code.add(give(fallback == ALLOW || fallback == LOG ? KILL_PROCESS : fallback));
    code.add(instruction(LOAD, 0, 0, NUMBER));
    if (x86) {
      List<Long> foreign =
          lists(seccomp, ForeignSyscalls.X32)
              ? search(seccomp, ForeignSyscalls.X32.numbers(), fallback)
              : List.of(give(ERRNO | ENOSYS));
      code.addAll(split(X32, search(seccomp, numbers, fallback), foreign));
    } else {
      code.addAll(search(seccomp, numbers, fallback));
    }
    if (code.size() > MOST_INSTRUCTIONS) {
      throw Invalid.of("the seccomp filter has more than " + MOST_INSTRUCTIONS + " instructions");
    }
    return List.copyOf(code);
  }

  private static boolean lists(OciSpec.Seccomp seccomp, ForeignSyscalls foreign) {
    return seccomp.architectures().contains(foreign.architecture());
  }

  private static List<Long> search(
      OciSpec.Seccomp seccomp, Map<String, Integer> numbers, long fallback) {
    return search(List.copyOf(ranges(seccomp, numbers, fallback).entrySet()));
  }

  private static void check(OciSpec.Seccomp seccomp) {
    if (seccomp.defaultAction().equals(NOTIFY)) {
      throw Invalid.of("seccomp: the default action cannot be " + NOTIFY + ": name the calls");
    }
    for (SyscallRule rule : seccomp.syscalls()) {
      for (String name : rule.names()) {
        if (rule.action().equals(NOTIFY) && NEEDED_TO_LISTEN.contains(name)) {
          throw Invalid.of(
              "seccomp: action "
                  + NOTIFY
                  + " is not possible for "
                  + name
                  + ": it is needed before anybody listens");
        }
      }
    }
  }

  /** Code for all numbers from each key up to the next. */
  private static NavigableMap<Integer, List<Long>> ranges(
      OciSpec.Seccomp seccomp, Map<String, Integer> numbers, long fallback) {
    NavigableMap<Integer, List<SyscallRule>> rules = new TreeMap<>();
    for (SyscallRule rule : seccomp.syscalls()) {
      for (String name : rule.names()) {
        Integer number = numbers.get(name);
        if (number != null) {
          rules.computeIfAbsent(number, n -> new ArrayList<>()).add(rule);
        }
      }
    }
    NavigableMap<Integer, List<Long>> ranges = new TreeMap<>();
    ranges.put(0, verdict(List.of(), fallback));
    rules.forEach(
        (number, ofIt) -> {
          ranges.put(number, verdict(ofIt, fallback));
          ranges.put(number + 1, verdict(rules.getOrDefault(number + 1, List.of()), fallback));
        });
    return merged(ranges);
  }

  private static NavigableMap<Integer, List<Long>> merged(
      NavigableMap<Integer, List<Long>> ranges) {
    NavigableMap<Integer, List<Long>> merged = new TreeMap<>();
    ranges.forEach(
        (from, code) -> {
          if (merged.isEmpty() || !merged.lastEntry().getValue().equals(code)) {
            merged.put(from, code);
          }
        });
    return merged;
  }

  private static List<Long> search(List<Map.Entry<Integer, List<Long>>> ranges) {
    if (ranges.size() == 1) {
      return ranges.getFirst().getValue();
    }
    int middle = ranges.size() / 2;
    List<Long> lower = search(ranges.subList(0, middle));
    List<Long> upper = search(ranges.subList(middle, ranges.size()));
    return split(ranges.get(middle).getKey(), lower, upper);
  }

  /**
   * Code for numbers below {@code from}, and from there on. The shorter a filter is, the less of
   * the kernel's memory it takes: twice, as it is kept as it was given, too.
   */
  private static List<Long> split(long from, List<Long> lower, List<Long> upper) {
    List<Long> code = new ArrayList<>();
    if (lower.size() <= FARTHEST_BRANCH) {
      code.add(instruction(JUMP_GREATER_EQUAL, lower.size(), 0, from));
    } else {
      code.add(instruction(JUMP_GREATER_EQUAL, 0, 1, from));
      code.add(instruction(JUMP, 0, 0, lower.size()));
    }
    code.addAll(lower);
    code.addAll(upper);
    return code;
  }

  /** The first rule whose conditions all hold decides. */
  private static List<Long> verdict(List<SyscallRule> rules, long fallback) {
    List<Long> code = new ArrayList<>();
    for (SyscallRule rule : rules) {
      code.addAll(conditional(rule));
      if (rule.args().isEmpty()) {
        return code;
      }
    }
    code.add(give(fallback));
    return code;
  }

  private static List<Long> conditional(SyscallRule rule) {
    List<Long> code = List.of(give(action(rule.action(), rule.errnoRet())));
    // from the last to the first, as each jumps over all that follow when it does not hold
    for (SyscallArg argument : rule.args().reversed()) {
      List<Long> whole = new ArrayList<>(condition(argument, code.size()));
      whole.addAll(code);
      code = whole;
    }
    return code;
  }

  /**
   * @param rest instructions to pass over when it does not hold
   */
  private static List<Long> condition(SyscallArg argument, int rest) {
    if (argument.index() < 0 || argument.index() > 5) {
      throw Invalid.of("seccomp: there is no argument " + argument.index());
    }
    int low = ARGUMENTS + 8 * argument.index();
    long v = argument.value();
    return switch (argument.op()) {
      case "SCMP_CMP_EQ" ->
          List.of(
              load(low + 4),
              instruction(JUMP_EQUAL, 0, 2 + rest, v >>> 32),
              load(low),
              instruction(JUMP_EQUAL, 0, rest, v));
      case "SCMP_CMP_MASKED_EQ" -> masked(low, v, argument.valueTwo(), rest);
      case "SCMP_CMP_NE" ->
          List.of(
              load(low + 4),
              instruction(JUMP_EQUAL, 0, 2, v >>> 32),
              load(low),
              instruction(JUMP_EQUAL, rest, 0, v));
      case "SCMP_CMP_GT" -> ordered(low, v, JUMP_GREATER, rest, true);
      case "SCMP_CMP_GE" -> ordered(low, v, JUMP_GREATER_EQUAL, rest, true);
      case "SCMP_CMP_LT" -> ordered(low, v, JUMP_GREATER_EQUAL, rest, false);
      case "SCMP_CMP_LE" -> ordered(low, v, JUMP_GREATER, rest, false);
      default -> throw Invalid.of("seccomp: unknown comparison " + argument.op());
    };
  }

  private static List<Long> masked(int low, long mask, long value, int rest) {
    return List.of(
        load(low + 4),
        instruction(AND, 0, 0, mask >>> 32),
        instruction(JUMP_EQUAL, 0, 3 + rest, value >>> 32),
        load(low),
        instruction(AND, 0, 0, mask),
        instruction(JUMP_EQUAL, 0, rest, value));
  }

  /** {@code wanted}: whether the comparison of the low half must hold or must not. */
  private static List<Long> ordered(int low, long v, int jump, int rest, boolean wanted) {
    return List.of(
        load(low + 4),
        instruction(JUMP_GREATER, wanted ? 3 : 3 + rest, 0, v >>> 32),
        instruction(JUMP_EQUAL, 0, wanted ? 2 + rest : 2, v >>> 32),
        load(low),
        instruction(jump, wanted ? 0 : rest, wanted ? rest : 0, v));
  }

  private static long load(int offset) {
    return instruction(LOAD, 0, 0, offset);
  }

  private static long give(long action) {
    return instruction(RETURN, 0, 0, action);
  }

  private static long instruction(int code, int ifTrue, int ifFalse, long k) {
    return code | (long) ifTrue << 16 | (long) ifFalse << 24 | k << 32;
  }

  private static long action(String name, @org.jspecify.annotations.Nullable Integer errno) {
    return switch (name) {
      case "SCMP_ACT_ALLOW" -> ALLOW;
      case "SCMP_ACT_LOG" -> LOG;
      case "SCMP_ACT_ERRNO" -> ERRNO | ((errno == null ? EPERM : errno) & 0xffff);
      case "SCMP_ACT_TRAP" -> 0x0003_0000L;
      case "SCMP_ACT_TRACE" -> 0x7ff0_0000L | ((errno == null ? EPERM : errno) & 0xffff);
      case NOTIFY -> 0x7fc0_0000L;
      case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> 0;
      case "SCMP_ACT_KILL_PROCESS" -> KILL_PROCESS;
      default -> throw Invalid.of("seccomp: action " + name + " is not supported");
    };
  }
}
