package dev.jctl.shim.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.shim.kernel.SyscallNumbers;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.OciSpec.SyscallArg;
import dev.jctl.shim.spec.OciSpec.SyscallRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

class SeccompCompilerTest {
  private static final long ALLOW = 0x7fff_0000L;
  private static final long ERRNO = 0x5_0000L;
  private static final long KILL = 0x8000_0000L;
  private static final long X86_64 = 0xC000003EL;
  private static final long I386 = 0x40000003L;
  private static final long AARCH64 = 0xC00000B7L;

  private static OciSpec.Seccomp filter(List<SyscallRule> rules) {
    return new OciSpec.Seccomp("SCMP_ACT_ERRNO", null, List.of(), rules);
  }

  private static SyscallRule allow(String name, SyscallArg... arguments) {
    return new SyscallRule(List.of(name), "SCMP_ACT_ALLOW", null, List.of(arguments));
  }

  /** The kernel's side: classic BPF over {@code struct seccomp_data}. */
  private static long run(List<Long> code, long architecture, int number, long... arguments) {
    long accumulator = 0;
    for (int at = 0; ; at++) {
      long instruction = code.get(at);
      long k = instruction >>> 32;
      int ifTrue = (int) (instruction >> 16 & 0xff);
      int ifFalse = (int) (instruction >> 24 & 0xff);
      switch ((int) (instruction & 0xffff)) {
        case 0x20 -> accumulator = load((int) k, architecture, number, arguments);
        case 0x54 -> accumulator &= k;
        case 0x05 -> at += (int) k;
        case 0x15 -> at += accumulator == k ? ifTrue : ifFalse;
        case 0x25 -> at += accumulator > k ? ifTrue : ifFalse;
        case 0x35 -> at += accumulator >= k ? ifTrue : ifFalse;
        case 0x06 -> {
          return k;
        }
        default -> throw new IllegalStateException("instruction " + instruction);
      }
    }
  }

  private static long load(int offset, long architecture, int number, long... arguments) {
    if (offset < 16) {
      return offset == 0 ? number : architecture;
    }
    long argument = arguments[(offset - 16) / 8];
    return (offset & 4) == 0 ? argument & 0xffff_ffffL : argument >>> 32;
  }

  private static long ofDefault(Set<String> capabilities, String name, long... arguments) {
    Map<String, Integer> numbers = SyscallNumbers.all();
    return run(
        DefaultSeccomp.filter(capabilities, numbers),
        X86_64,
        Objects.requireNonNull(numbers.get(name)),
        arguments);
  }

  @Test
  void theDefaultAllowsWhatProgramsNeedAndNoMore() {
    Set<String> few = Set.of("CAP_CHOWN", "CAP_KILL");
    for (String needed : List.of("read", "execve", "openat2", "futex", "ptrace", "setuid")) {
      assertThat(ofDefault(few, needed)).as(needed).isEqualTo(ALLOW);
    }
    for (String refused : List.of("keyctl", "add_key", "userfaultfd", "io_uring_setup", "swapon")) {
      assertThat(ofDefault(few, refused)).as(refused).isEqualTo(ERRNO | 1);
      assertThat(ofDefault(Set.of("CAP_SYS_ADMIN"), refused)).as(refused).isEqualTo(ERRNO | 1);
    }
    Map<String, String> needs =
        Map.of("mount", "CAP_SYS_ADMIN", "bpf", "CAP_BPF", "chroot", "CAP_SYS_CHROOT");
    needs.forEach(
        (name, capability) -> {
          assertThat(ofDefault(few, name)).as(name).isEqualTo(ERRNO | 1);
          assertThat(ofDefault(Set.of(capability), name)).as(name).isEqualTo(ALLOW);
        });
  }

  @Test
  void theDefaultKeepsFromNewNamespacesAndOddSocketsAndPersonalities() {
    long newUser = 0x1000_0000L;
    long thread = 0x3d0f00L;
    Set<String> none = Set.of();
    Set<String> admin = Set.of("CAP_SYS_ADMIN");
    assertThat(ofDefault(none, "clone", thread)).isEqualTo(ALLOW);
    assertThat(ofDefault(none, "clone", thread | newUser)).isEqualTo(ERRNO | 1);
    assertThat(ofDefault(none, "clone3", 0)).isEqualTo(ERRNO | 38);
    assertThat(ofDefault(none, "unshare", newUser)).isEqualTo(ERRNO | 1);
    assertThat(ofDefault(admin, "clone", newUser)).isEqualTo(ALLOW);
    assertThat(ofDefault(admin, "clone3", 0)).isEqualTo(ALLOW);
    for (long family : new long[] {1, 2, 10, 16, 17, 39, 44}) {
      assertThat(ofDefault(none, "socket", family)).as("family %d", family).isEqualTo(ALLOW);
    }
    for (long family : new long[] {38, 40}) {
      assertThat(ofDefault(none, "socket", family)).as("family %d", family).isEqualTo(ERRNO | 1);
    }
    assertThat(ofDefault(none, "personality", 0xffff_ffffL)).isEqualTo(ALLOW);
    assertThat(ofDefault(none, "personality", 0x40_0000)).isEqualTo(ERRNO | 1);
  }

  @Test
  void allNamesOfTheDefaultAreKnown() {
    assertThat(DefaultSeccomp.profile(Set.of("CAP_SYS_ADMIN")).syscalls())
        .flatMap(SyscallRule::names)
        .allMatch(name -> SyscallNumbers.all().containsKey(name));
  }

  /** The kernel keeps it once more as it was given, in a piece of memory of a power of two. */
  @Test
  void theDefaultFitsIntoTwoKilobytes() {
    assertThat(DefaultSeccomp.filter(Set.of(), SyscallNumbers.all()))
        .hasSizeLessThanOrEqualTo(2048 / 8);
  }

  @Test
  void numbersAreFoundAmongMoreThanABranchReachesOver() {
    Map<String, Integer> numbers = new HashMap<>();
    List<SyscallRule> rules = new ArrayList<>();
    for (int number = 0; number < 2000; number += 2) {
      numbers.put("call" + number, number);
      rules.add(allow("call" + number));
    }
    List<Long> code = SeccompCompiler.compile(filter(rules), numbers);
    for (int number = 0; number < 2001; number++) {
      assertThat(run(code, AARCH64, number))
          .as("call %d", number)
          .isEqualTo(number % 2 == 0 && number < 2000 ? ALLOW : ERRNO | 1);
    }
  }

  @Test
  void everyNumberGetsTheVerdictOfItsName() {
    Random random = new Random(1);
    for (int round = 0; round < 50; round++) {
      Map<String, Integer> numbers = new HashMap<>(Map.of("arch_prctl", 1000));
      List<SyscallRule> rules = new ArrayList<>();
      List<Integer> allowed = new ArrayList<>();
      for (int n = 0; n < 400; n++) {
        numbers.put("call" + n, n);
        if (random.nextInt(3) > 0) {
          rules.add(allow("call" + n));
          allowed.add(n);
        }
      }
      rules.add(allow("unknown"));
      List<Long> code = SeccompCompiler.compile(filter(rules), numbers);
      for (int n = 0; n < 500; n++) {
        assertThat(run(code, X86_64, n)).isEqualTo(allowed.contains(n) ? ALLOW : ERRNO | 1);
      }
    }
  }

  @Test
  void argumentsAreComparedInAll64Bits() {
    Map<String, BiPredicate<Long, Long>> comparisons =
        Map.of(
            "SCMP_CMP_EQ", (a, v) -> a.equals(v),
            "SCMP_CMP_NE", (a, v) -> !a.equals(v),
            "SCMP_CMP_LT", (a, v) -> Long.compareUnsigned(a, v) < 0,
            "SCMP_CMP_LE", (a, v) -> Long.compareUnsigned(a, v) <= 0,
            "SCMP_CMP_GT", (a, v) -> Long.compareUnsigned(a, v) > 0,
            "SCMP_CMP_GE", (a, v) -> Long.compareUnsigned(a, v) >= 0);
    List<Long> values =
        new ArrayList<>(List.of(0L, 1L, -1L, 1L << 32, (1L << 32) + 1, 0xffff_ffffL));
    comparisons.forEach(
        (name, holds) -> {
          for (long value : values) {
            SyscallRule rule =
                allow(
                    "call",
                    new SyscallArg(2, value, 0, name),
                    new SyscallArg(0, 5, 0, "SCMP_CMP_EQ"));
            List<Long> code =
                SeccompCompiler.compile(filter(List.of(rule)), Map.of("call", 3, "arch_prctl", 9));
            for (long given : values) {
              assertThat(run(code, X86_64, 3, 5, 0, given))
                  .as("%s %d %d", name, given, value)
                  .isEqualTo(holds.test(given, value) ? ALLOW : ERRNO | 1);
              assertThat(run(code, X86_64, 3, 6, 0, given)).isEqualTo(ERRNO | 1);
            }
          }
        });
  }

  @Test
  void aMaskedArgumentIsComparedUnderItsMask() {
    // clone without any CLONE_NEW flag, as in the well-known profiles
    SyscallRule rule = allow("clone", new SyscallArg(0, 0x7E020000L, 0, "SCMP_CMP_MASKED_EQ"));
    List<Long> code =
        SeccompCompiler.compile(filter(List.of(rule)), Map.of("clone", 56, "arch_prctl", 9));
    assertThat(run(code, X86_64, 56, 0x11)).isEqualTo(ALLOW);
    assertThat(run(code, X86_64, 56, 0x10000011L)).isEqualTo(ERRNO | 1);
  }

  @Test
  void otherArchitecturesGetNoMore() {
    List<Long> strict =
        SeccompCompiler.compile(filter(List.of(allow("call"))), Map.of("call", 3, "arch_prctl", 9));
    assertThat(run(strict, 0x40000003L, 3)).isEqualTo(ERRNO | 1);
    // x32 calls come under the same architecture
    assertThat(run(strict, X86_64, 0x4000_0003)).isEqualTo(ERRNO | 38);
    List<Long> lax =
        SeccompCompiler.compile(
            new OciSpec.Seccomp("SCMP_ACT_ALLOW", null, List.of(), List.of()),
            Map.of("arch_prctl", 9));
    assertThat(run(lax, 0x40000003L, 3)).isEqualTo(KILL);
  }

  @Test
  void architecturesThatAreListedHaveTheirOwnNumbers() {
    OciSpec.Seccomp profile =
        new OciSpec.Seccomp(
            "SCMP_ACT_ERRNO",
            null,
            List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_ARM"),
            List.of(
                allow("execve"),
                allow("socketcall", new SyscallArg(0, 1, 0, "SCMP_CMP_EQ")),
                allow("openat2")));
    List<Long> code = SeccompCompiler.compile(profile, SyscallNumbers.all());
    long refused = ERRNO | 1;
    // execve: 59, of x86 11, of x32 520; openat2 is 437 everywhere; only x86 has socketcall, 102
    assertThat(run(code, X86_64, 59)).isEqualTo(ALLOW);
    assertThat(run(code, X86_64, 11)).isEqualTo(refused);
    assertThat(run(code, X86_64, 437)).isEqualTo(ALLOW);
    assertThat(run(code, I386, 11)).isEqualTo(ALLOW);
    assertThat(run(code, I386, 59)).isEqualTo(refused);
    assertThat(run(code, I386, 437)).isEqualTo(ALLOW);
    assertThat(run(code, I386, 102, 1)).isEqualTo(ALLOW);
    assertThat(run(code, I386, 102, 2)).isEqualTo(refused);
    assertThat(run(code, X86_64, 0x4000_0000 + 520)).isEqualTo(ALLOW);
    assertThat(run(code, X86_64, 0x4000_0000 + 59)).isEqualTo(refused);
    assertThat(run(code, X86_64, 0x4000_0000 + 437)).isEqualTo(ALLOW);
    assertThat(run(code, 0x40000028L, 11))
        .as("a machine of which nothing is known")
        .isEqualTo(refused);
  }

  @Test
  void refusesActionsItCannotHonour() {
    assertThatThrownBy(
            () ->
                SeccompCompiler.compile(
                    new OciSpec.Seccomp("SCMP_ACT_NOTIFY", null, List.of(), List.of()), Map.of()))
        .hasMessageContaining("SCMP_ACT_NOTIFY");
  }
}
