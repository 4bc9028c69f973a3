package dev.jctl.shim.kernel;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import jnr.x86asm.Assembler;

/**
 * x86-64 code in the making. Instructions come from jnr's assembler, which in its published form
 * can neither bind labels nor encode {@code syscall}: those are added here.
 */
final class MachineCode {
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

  private final ByteArrayOutputStream code = new ByteArrayOutputStream();
  private final Map<String, Integer> labels = new HashMap<>();
  private final List<Reference> references = new ArrayList<>();

  MachineCode add(Consumer<Assembler> instructions) {
    Assembler assembler = new Assembler(Assembler.X86_64);
    instructions.accept(assembler);
    ByteBuffer bytes = ByteBuffer.allocate(assembler.codeSize()).order(ByteOrder.LITTLE_ENDIAN);
    assembler.relocCode(bytes, 0);
    code.writeBytes(bytes.array());
    return this;
  }

  MachineCode syscall() {
    code.write(0x0f);
    code.write(0x05);
    return this;
  }

  MachineCode label(String name) {
    labels.put(name, code.size());
    return this;
  }

  MachineCode jump(Jump jump, String label) {
    code.writeBytes(jump.opcode);
    references.add(new Reference(code.size(), label));
    code.writeBytes(new byte[Integer.BYTES]);
    return this;
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
