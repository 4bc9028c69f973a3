package dev.jctl.shim.plan;

import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.OciSpec.SyscallArg;
import dev.jctl.shim.spec.OciSpec.SyscallRule;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;

/**
 * The seccomp profile of a container that asks for none in particular: an allow-list, and with each
 * capability what it is of use for. Equal in effect to Docker's and containerd's, but that foreign
 * architectures (32-bit programs on x86-64) get EPERM as well.
 */
final class DefaultSeccomp {
  private static final String ALLOW = "SCMP_ACT_ALLOW";
  private static final int ENOSYS = 38;

  private static final int AF_ALG = 38;
  private static final int AF_VSOCK = 40;

  /** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
  private static final long NAMESPACES = 0x7E02_0000L;

  /** PER_LINUX, PER_LINUX32, each also with UNAME26, and asking, personality(2). */
  private static final long[] PERSONALITIES = {0, 8, 0x2_0000, 0x2_0008, 0xffff_ffffL};

  /** Names by the capability that they need; the empty one: none. */
  private static final Map<String, List<String>> NAMES = read();

  private static final Map<Set<String>, List<Long>> COMPILED = new ConcurrentHashMap<>();

  private DefaultSeccomp() {}

  /**
   * The filter of a process; compiled once for each set of capabilities that makes a difference.
   *
   * @param numbers of this architecture, by name
   */
  static List<Long> filter(Set<String> capabilities, Map<String, Integer> numbers) {
    Set<String> relevant =
        Set.copyOf(capabilities.stream().filter(NAMES.keySet()::contains).toList());
    return COMPILED.computeIfAbsent(relevant, r -> SeccompCompiler.compile(profile(r), numbers));
  }

  static OciSpec.Seccomp profile(Set<String> capabilities) {
    List<SyscallRule> rules = new ArrayList<>();
    NAMES.forEach(
        (capability, names) -> {
          if (capability.isEmpty() || capabilities.contains(capability)) {
            rules.add(new SyscallRule(names, ALLOW, null, List.of()));
          }
        });
    // neither the kernel's crypto nor other virtual machines
    rules.add(allow("socket", new SyscallArg(0, AF_ALG, 0, "SCMP_CMP_LT")));
    rules.add(allow("socket", new SyscallArg(0, AF_ALG + 1, 0, "SCMP_CMP_EQ")));
    rules.add(allow("socket", new SyscallArg(0, AF_VSOCK, 0, "SCMP_CMP_GT")));
    LongStream.of(PERSONALITIES)
        .mapToObj(p -> allow("personality", new SyscallArg(0, p, 0, "SCMP_CMP_EQ")))
        .forEach(rules::add);
    if (!capabilities.contains("CAP_SYS_ADMIN")) {
      rules.add(allow("clone", new SyscallArg(0, NAMESPACES, 0, "SCMP_CMP_MASKED_EQ")));
      // its flags are out of a filter's sight; programs go on with clone
      rules.add(new SyscallRule(List.of("clone3"), "SCMP_ACT_ERRNO", ENOSYS, List.of()));
    }
    return new OciSpec.Seccomp("SCMP_ACT_ERRNO", null, List.of(), rules);
  }

  private static SyscallRule allow(String name, SyscallArg argument) {
    return new SyscallRule(List.of(name), ALLOW, null, List.of(argument));
  }

  private static Map<String, List<String>> read() {
    Map<String, List<String>> names = new TreeMap<>();
    try (InputStream table = DefaultSeccomp.class.getResourceAsStream("seccomp.txt")) {
      new String(Objects.requireNonNull(table).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(line -> add(names, line));
    } catch (IOException e) {
      throw new UncheckedIOException("seccomp.txt", e);
    }
    return names;
  }

  private static void add(Map<String, List<String>> names, String line) {
    int colon = line.indexOf(':');
    String capability = line.substring(0, Math.max(0, colon));
    names
        .computeIfAbsent(capability, c -> new ArrayList<>())
        .addAll(List.of(line.substring(colon + 1).strip().split(" ")));
  }
}
