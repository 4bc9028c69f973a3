package dev.jctl.shim.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.kernel.MachineCode.Jump;
import dev.jctl.shim.kernel.MachineCode.Register;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import jnr.x86asm.Asm;
import jnr.x86asm.Assembler;
import org.junit.jupiter.api.Test;

/** Another assembler writes the same, where it does not know a shorter form. */
class MachineCodeTest {
  /** Needs 32 bits, so that there is no shorter form. */
  private static final int FAR = 0x1234;

  private static jnr.x86asm.Register theirs(Register register) {
    return switch (register) {
      case RAX -> Asm.rax;
      case RCX -> Asm.rcx;
      case RDX -> Asm.rdx;
      case RBX -> Asm.rbx;
      case RSP -> Asm.rsp;
      case RBP -> Asm.rbp;
      case RSI -> Asm.rsi;
      case RDI -> Asm.rdi;
      case R8 -> Asm.r8;
      case R9 -> Asm.r9;
      case R10 -> Asm.r10;
      case R11 -> Asm.r11;
      case R12 -> Asm.r12;
      case R13 -> Asm.r13;
      case R14 -> Asm.r14;
      case R15 -> Asm.r15;
    };
  }

  private static byte[] theirs(Consumer<Assembler> instruction) {
    Assembler assembler = new Assembler(Assembler.X86_64);
    instruction.accept(assembler);
    ByteBuffer bytes = ByteBuffer.allocate(assembler.codeSize()).order(ByteOrder.LITTLE_ENDIAN);
    assembler.relocCode(bytes, 0);
    return bytes.array();
  }

  private static void same(MachineCode ours, Consumer<Assembler> instruction) {
    assertThat(ours.bytes()).isEqualTo(theirs(instruction));
  }

  @Test
  void writesInstructionsOfOneRegister() {
    for (Register register : Register.values()) {
      jnr.x86asm.Register theirs = theirs(register);
      same(new MachineCode().push(register), a -> a.push(theirs));
      same(new MachineCode().pop(register), a -> a.pop(theirs));
      same(new MachineCode().test(register), a -> a.test(theirs, theirs));
      same(new MachineCode().clear(register), a -> a.xor_(theirs, theirs));
      same(new MachineCode().move(register, FAR), a -> a.mov(theirs, Asm.imm(FAR)));
      same(new MachineCode().shiftRight(register, 8), a -> a.shr(theirs, Asm.imm(8)));
      if (register != Register.RAX) { // has a shorter form
        same(new MachineCode().and(register, FAR), a -> a.and_(theirs, Asm.imm(FAR)));
        same(new MachineCode().compare(register, FAR), a -> a.cmp(theirs, Asm.imm(FAR)));
      }
    }
    same(new MachineCode().leave(), Assembler::ret);
  }

  @Test
  void writesInstructionsOfTwoRegisters() {
    for (Register first : Register.values()) {
      for (Register second : Register.values()) {
        jnr.x86asm.Register a1 = theirs(first);
        jnr.x86asm.Register a2 = theirs(second);
        same(new MachineCode().move(first, second), a -> a.mov(a1, a2));
        same(new MachineCode().compare(first, second), a -> a.cmp(a1, a2));
        same(new MachineCode().load(first, second, FAR), a -> a.mov(a1, Asm.qword_ptr(a2, FAR)));
        same(new MachineCode().store(second, FAR, first), a -> a.mov(Asm.qword_ptr(a2, FAR), a1));
        same(
            new MachineCode().loadAddress(first, second, FAR),
            a -> a.lea(a1, Asm.qword_ptr(a2, FAR)));
        same(new MachineCode().compare(first, second, FAR), a -> a.cmp(a1, Asm.qword_ptr(a2, FAR)));
        same(new MachineCode().add(first, second, FAR), a -> a.add(a1, Asm.qword_ptr(a2, FAR)));
      }
    }
  }

  @Test
  void jumpsByTheDistanceFromBehindTheJump() {
    byte[] code =
        new MachineCode()
            .label("begin")
            .jump(Jump.ALWAYS, "end")
            .jump(Jump.ZERO, "begin")
            .label("end")
            .leave()
            .bytes();

    assertThat(code).containsExactly(0xe9, 6, 0, 0, 0, 0x0f, 0x84, 0xf5, 0xff, 0xff, 0xff, 0xc3);
  }
}
