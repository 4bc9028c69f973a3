package dev.jctl.shim.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One system call of a program.
 *
 * @param call the kernel's name
 * @param tolerated failures after which the program goes on
 * @param resultName names the result for a later {@link Argument.ResultOf}; empty for none
 * @param purpose in words, for errors and plans: {@code mount proc on /proc}
 */
public record SyscallRecord(
    String call,
    List<Argument> arguments,
    Set<Errno> tolerated,
    String resultName,
    String purpose) {
  public SyscallRecord {
    arguments = List.copyOf(arguments);
    tolerated = Set.copyOf(tolerated);
  }

  public static SyscallRecord step(String purpose, String call, Object... arguments) {
    return new SyscallRecord(
        call, Arrays.stream(arguments).map(Argument::of).toList(), Set.of(), "", purpose);
  }

  public SyscallRecord tolerating(Errno... errnos) {
    return new SyscallRecord(call, arguments, Set.of(errnos), resultName, purpose);
  }

  public SyscallRecord named(String name) {
    return new SyscallRecord(call, arguments, tolerated, name, purpose);
  }

  /** One bit an errno; all that may be tolerated are below 64. */
  long toleratedMask() {
    return tolerated.stream().mapToLong(e -> 1L << e.number()).reduce(0, (a, b) -> a | b);
  }

  /** {@code mount("proc", "/proc", "proc", 14, NULL)}. */
  @Override
  public String toString() {
    String all = arguments.stream().map(Argument::toString).collect(Collectors.joining(", "));
    String prefix = resultName.isEmpty() ? "" : resultName + " = ";
    return prefix + call + "(" + all + ")";
  }

  /** What is passed in one register. */
  public sealed interface Argument {
    /** Numbers, texts, lists of texts, bytes; arguments as they are. */
    static Argument of(Object value) {
      return switch (value) {
        case Argument a -> a;
        case Integer i -> new Number(i);
        case Long l -> new Number(l);
        case String s -> new Text(s);
        case byte[] b -> new Bytes(b);
        default -> throw new IllegalArgumentException("no argument can be made of " + value);
      };
    }

    record Number(long value) implements Argument {
      @Override
      public String toString() {
        return Math.abs(value) < 4096 ? Long.toString(value) : "0x" + Long.toHexString(value);
      }
    }

    /** A descriptor that the maker opened before; {@code what}: its object. */
    record Descriptor(int fd, String what) implements Argument {
      @Override
      public String toString() {
        return "<" + what + ">";
      }
    }

    record Text(String value) implements Argument {
      @Override
      public String toString() {
        return "\"" + value + "\"";
      }
    }

    /** NULL-terminated, as argv and envp. */
    record Texts(List<String> values) implements Argument {
      public Texts {
        values = List.copyOf(values);
      }

      @Override
      public String toString() {
        return values.stream()
            .map(v -> "\"" + v + "\"")
            .collect(Collectors.joining(", ", "[", "]"));
      }
    }

    @SuppressWarnings("ArrayRecordComponent") // written once into memory
    record Bytes(byte[] value) implements Argument {
      @Override
      public String toString() {
        return "{" + java.util.HexFormat.of().formatHex(value) + "}";
      }
    }

    /** What the call named so returned. */
    record ResultOf(String name) implements Argument {
      @Override
      public String toString() {
        return name;
      }
    }
  }
}
