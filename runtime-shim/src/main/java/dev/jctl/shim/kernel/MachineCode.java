package dev.jctl.shim.kernel;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * x86-64 code in the making: the few instructions of {@link ChildInterpreter} and {@link
 * FirstProcess}, all of 64 bits. As the assemblers there are take longer to load than a command
 * line should run.
 *
 * @see <a href="https://www.intel.com/sdm">Intel SDM, volume 2: instruction set reference</a>
 */
final class MachineCode {
  enum Register {
    RAX(0),
    RCX(1),
    RDX(2),
    RBX(3),
    RSP(4),
    RBP(5),
    RSI(6),
    RDI(7),
    R8(8),
    R9(9),
    R10(10),
    R11(11),
    R12(12),
    R13(13),
    R14(14),
    R15(15);

    private final int number;

    Register(int number) {
      this.number = number;
    }

    /** What fits into an opcode; the fourth bit is in the prefix. */
    int low() {
      return number & 7;
    }

    int high() {
      return number >> 3;
    }
  }

  /** Jumps with a distance of 32 bits, by their opcodes. */
  enum Jump {
    ALWAYS(0xe9),
    ZERO(0x0f, 0x84),
    NOT_ZERO(0x0f, 0x85),
    LESS(0x0f, 0x8c);

    private final byte[] opcode;

    Jump(int... opcode) {
      this.opcode = new byte[opcode.length];
      for (int i = 0; i < opcode.length; i++) {
        this.opcode[i] = (byte) opcode[i];
      }
    }
  }

  private record Reference(int at, String label) {}

  private static final int REX = 0x40;
  private static final int REX_W = 0x48;

  /** ModRM: the operand is a register, or memory with a displacement of 32 bits. */
  private static final int DIRECT = 0xc0;

  private static final int DISPLACED = 0x80;

  /** SIB: no index, the base is the one of ModRM; RSP and R12 cannot be named without. */
  private static final int NO_INDEX = 0x24;

  private final ByteArrayOutputStream code = new ByteArrayOutputStream();
  private final Map<String, Integer> labels = new HashMap<>();
  private final List<Reference> references = new ArrayList<>();

  MachineCode push(Register register) {
    return stack(0x50, register);
  }

  MachineCode pop(Register register) {
    return stack(0x58, register);
  }

  private MachineCode stack(int opcode, Register register) {
    if (register.high() != 0) {
      code.write(REX | register.high());
    }
    code.write(opcode | register.low());
    return this;
  }

  MachineCode move(Register to, Register from) {
    return direct(0x8b, to.number, from);
  }

  MachineCode move(Register to, int value) {
    return direct(0xc7, 0, to).number(value);
  }

  MachineCode load(Register to, Register base, int offset) {
    return displaced(0x8b, to, base, offset);
  }

  MachineCode store(Register base, int offset, Register from) {
    return displaced(0x89, from, base, offset);
  }

  MachineCode loadAddress(Register to, Register base, int offset) {
    return displaced(0x8d, to, base, offset);
  }

  MachineCode compare(Register register, Register base, int offset) {
    return displaced(0x3b, register, base, offset);
  }

  MachineCode compare(Register register, Register other) {
    return direct(0x3b, register.number, other);
  }

  MachineCode compare(Register register, int value) {
    return direct(0x81, 7, register).number(value);
  }

  MachineCode add(Register to, Register base, int offset) {
    return displaced(0x03, to, base, offset);
  }

  MachineCode add(Register to, int value) {
    return direct(0x81, 0, to).number(value);
  }

  MachineCode and(Register to, int value) {
    return direct(0x81, 4, to).number(value);
  }

  /** Unsigned. */
  MachineCode shiftRight(Register register, int bits) {
    direct(0xc1, 5, register);
    code.write(bits);
    return this;
  }

  /** Whether it is zero. */
  MachineCode test(Register register) {
    return direct(0x85, register.number, register);
  }

  MachineCode clear(Register register) {
    return direct(0x33, register.number, register);
  }

  /** The system call whose number is in RAX. */
  MachineCode call() {
    code.write(0x0f);
    code.write(0x05);
    return this;
  }

  MachineCode call(String name) {
    return move(Register.RAX, SyscallNumbers.of(name)).call();
  }

  MachineCode leave() {
    code.write(0xc3);
    return this;
  }

  /**
   * @param other a register's number, or what the opcode wants in its place
   */
  private MachineCode direct(int opcode, int other, Register register) {
    code.write(REX_W | other >> 3 << 2 | register.high());
    code.write(opcode);
    code.write(DIRECT | (other & 7) << 3 | register.low());
    return this;
  }

  private MachineCode displaced(int opcode, Register register, Register base, int offset) {
    code.write(REX_W | register.high() << 2 | base.high());
    code.write(opcode);
    code.write(DISPLACED | register.low() << 3 | base.low());
    if (base.low() == Register.RSP.low()) {
      code.write(NO_INDEX);
    }
    return number(offset);
  }

  private MachineCode number(int value) {
    code.writeBytes(
        ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    return this;
  }

  MachineCode label(String name) {
    labels.put(name, code.size());
    return this;
  }

  MachineCode jump(Jump jump, String label) {
    code.writeBytes(jump.opcode);
    references.add(new Reference(code.size(), label));
    return number(0);
  }

  byte[] bytes() {
    byte[] bytes = code.toByteArray();
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (Reference reference : references) {
      int target = Objects.requireNonNull(labels.get(reference.label()), reference.label());
      buffer.putInt(reference.at(), target - reference.at() - Integer.BYTES);
    }
    return bytes;
  }
}
