package dev.jctl.shim.plan;

import java.util.List;

/** An argument of a system call: a number, or what becomes one when the program is laid out. */
public sealed interface Argument {
  /**
   * @param text how people write it, {@code MS_BIND|MS_REC}
   */
  record Number(long value, String text) implements Argument {}

  /** Address of the text, ended by NUL. */
  record Text(String value) implements Argument {}

  /** Address of a null-ended array of addresses of these. */
  record Texts(List<String> values) implements Argument {
    public Texts {
      values = List.copyOf(values);
    }
  }

  /**
   * Address of a structure, little-endian, in units of 8 bytes.
   *
   * @param text how people read it
   */
  record Struct(List<Long> words, String text) implements Argument {
    public Struct {
      words = List.copyOf(words);
    }
  }

  /** Address of a {@code struct sock_fprog} of these instructions. */
  record Filter(List<Long> instructions) implements Argument {
    public Filter {
      instructions = List.copyOf(instructions);
    }
  }

  /** What an earlier record of the program gave. */
  record Result(int record) implements Argument {}

  /** Known only when the program is started. */
  record External(Name name) implements Argument {}

  /** Descriptor of the tree that is mounted as that volume, in the order of the context. */
  record Volume(int index) implements Argument {}

  /** Of {@link External}. */
  enum Name {
    STDIN,
    STDOUT,
    STDERR,
    /** Reading end of the pipe through which the parent lets the program go on. */
    START,
    /** Pidfd of the process whose namespaces are joined. */
    CONTAINER,
    /** Mount namespace that has nothing in it but an empty root. */
    EMPTY_ROOT,
    /** Program of the first process. */
    FIRST_PROCESS,
    /** Number above all descriptors that the program begins with. */
    UNNEEDED,
    /** Address of the futex that counts stages. */
    STAGE
  }

  static Number number(long value) {
    return new Number(value, Long.toString(value));
  }
}
