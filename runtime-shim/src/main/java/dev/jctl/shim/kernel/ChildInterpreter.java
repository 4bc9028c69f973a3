package dev.jctl.shim.kernel;

import static jnr.x86asm.Asm.X86_64;
import static jnr.x86asm.Asm.imm;
import static jnr.x86asm.Asm.qword_ptr;
import static jnr.x86asm.Asm.r10;
import static jnr.x86asm.Asm.r12;
import static jnr.x86asm.Asm.r13;
import static jnr.x86asm.Asm.r8;
import static jnr.x86asm.Asm.r9;
import static jnr.x86asm.Asm.rax;
import static jnr.x86asm.Asm.rbx;
import static jnr.x86asm.Asm.rcx;
import static jnr.x86asm.Asm.rdi;
import static jnr.x86asm.Asm.rdx;
import static jnr.x86asm.Asm.rsi;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.PageManager;
import com.kenai.jffi.Type;
import jnr.x86asm.Assembler;
import jnr.x86asm.Mem;
import jnr.x86asm.Register;

/**
 * The machine code that a JVM cannot do without to make a process: {@code clone3}, and in the child
 * a loop that runs a {@link NativeProgram} record by record. Assembled at start-up,
 * position-independent, without a stack. All signals are blocked from before the clone; the
 * parent's mask is restored here, the child's by its program.
 *
 * <p>Exposed as {@code long spawn(clone_args*, size, program*, masks*)}: the child's pid, or a
 * negative errno.
 */
final class ChildInterpreter {
  private static final int SIG_SETMASK = 2;
  private static final int JC = 0x72;
  private static final int JAE = 0x73;
  private static final int JZ = 0x74;
  private static final int JS = 0x78;
  private static final int JMP = 0xeb;
  private static final CallContext SIGNATURE =
      new CallContext(Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64);

  private static final ChildInterpreter INSTANCE = new ChildInterpreter();

  private final long address;

  private ChildInterpreter() {
    String architecture = System.getProperty("os.arch");
    if (!architecture.equals("amd64")) {
      throw new UnsupportedOperationException(
          "the runtime makes processes on x86-64 only so far; this machine is " + architecture);
    }
    this.address = load(assemble());
  }

  /** Thread-safe. */
  static long spawn(
      NativeMemory cloneArguments, int size, NativeMemory program, NativeMemory masks) {
    return Invoker.getInstance()
        .invokeL4NoErrno(
            SIGNATURE,
            INSTANCE.address,
            cloneArguments.address(),
            size,
            program.address(),
            masks.address());
  }

  /** Into pages that are written first and executable then, never both. */
  private static long load(Assembler code) {
    byte[] bytes = new byte[code.codeSize()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = code.getByteAt(i);
    }
    PageManager pages = PageManager.getInstance();
    long page = pages.allocatePages(1, PageManager.PROT_READ | PageManager.PROT_WRITE);
    MemoryIO.getInstance().putByteArray(page, bytes, 0, bytes.length);
    pages.protectPages(page, 1, PageManager.PROT_READ | PageManager.PROT_EXEC);
    return page;
  }

  private static Assembler assemble() {
    Assembler asm = new Assembler(X86_64);
    int toChild = parent(asm);
    land(asm, toChild);
    child(asm);
    return asm;
  }

  /** Returns the jump that the child takes. */
  private static int parent(Assembler asm) {
    asm.push(rbx);
    asm.push(r12);
    asm.push(r13);
    asm.mov(rbx, rdi);
    asm.mov(r12, rsi);
    asm.mov(r13, rdx);
    asm.mov(r8, rcx);
    // the masks: all blocked, place for the old one, place for what is of no use
    setMask(asm, qword_ptr(r8, 0), qword_ptr(r8, 8));
    asm.mov(rax, imm(SyscallNumbers.of("clone3")));
    asm.mov(rdi, rbx);
    asm.mov(rsi, r12);
    syscall(asm);
    asm.test(rax, rax);
    int toChild = jump(asm, JZ);
    asm.mov(r12, rax);
    setMask(asm, qword_ptr(r8, 8), qword_ptr(r8, 16));
    asm.mov(rax, r12);
    asm.pop(r13);
    asm.pop(r12);
    asm.pop(rbx);
    asm.ret();
    return toChild;
  }

  private static void setMask(Assembler asm, Mem set, Mem old) {
    asm.mov(rax, imm(SyscallNumbers.of("rt_sigprocmask")));
    asm.mov(rdi, imm(SIG_SETMASK));
    asm.lea(rsi, set);
    asm.lea(rdx, old);
    asm.mov(r10, imm(8));
    syscall(asm);
  }

  private static void child(Assembler asm) {
    asm.lea(rbx, qword_ptr(r13, NativeProgram.HEADER));
    int record = asm.codeSize();
    asm.mov(rax, field(NativeProgram.NUMBER));
    Register[] arguments = {rdi, rsi, rdx, r10, r8, r9};
    for (int i = 0; i < arguments.length; i++) {
      asm.mov(arguments[i], field(NativeProgram.ARGUMENTS + 8 * i));
    }
    syscall(asm);
    asm.mov(field(NativeProgram.RESULT), rax);
    asm.test(rax, rax);
    int toFailed = jump(asm, JS);
    asm.mov(rcx, field(NativeProgram.STORE));
    asm.test(rcx, rcx);
    int toNext = jump(asm, JZ);
    asm.mov(qword_ptr(rcx, 0), rax);
    land(asm, toNext);
    int next = asm.codeSize();
    asm.lea(rbx, qword_ptr(rbx, NativeProgram.RECORD));
    aim(asm, jump(asm, JMP), record);
    land(asm, toFailed);
    // an errno below 64 whose bit is set is tolerated
    asm.neg(rax);
    asm.cmp(rax, imm(64));
    int toFatal = jump(asm, JAE);
    asm.mov(rcx, field(NativeProgram.TOLERATED));
    asm.bt(rcx, rax);
    aim(asm, jump(asm, JC), next);
    land(asm, toFatal);
    asm.mov(qword_ptr(r13, 0), rbx);
    asm.mov(rax, imm(SyscallNumbers.of("exit_group")));
    asm.mov(rdi, imm(127));
    syscall(asm);
  }

  /**
   * jnr's labels cannot be bound: two places for a short jump, whose distance is filled in when the
   * target is known.
   */
  private static int jump(Assembler asm, int opcode) {
    int at = place(asm);
    asm.setByteAt(at, (byte) opcode);
    return at;
  }

  /** Three bytes, of which the last stays a NOP. The assembler's own NOP does not make its buffer grow. */
  private static int place(Assembler asm) {
    int at = asm.codeSize();
    asm.mov(rax, rax);
    asm.setByteAt(at + 2, (byte) 0x90);
    return at;
  }

  private static void land(Assembler asm, int jump) {
    aim(asm, jump, asm.codeSize());
  }

  private static void aim(Assembler asm, int jump, int target) {
    int distance = target - (jump + 2);
    if (distance != (byte) distance) {
      throw new IllegalStateException("a short jump cannot reach " + distance);
    }
    asm.setByteAt(jump + 1, (byte) distance);
  }

  private static Mem field(int offset) {
    return qword_ptr(rbx, offset);
  }

  /** jnr's assembler has no name for it: two places, overwritten with {@code 0F 05}. */
  private static void syscall(Assembler asm) {
    int at = place(asm);
    asm.setByteAt(at, (byte) 0x0f);
    asm.setByteAt(at + 1, (byte) 0x05);
  }
}
