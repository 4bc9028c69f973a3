package dev.jctl.shim.kernel;

import static jnr.x86asm.Asm.imm;
import static jnr.x86asm.Asm.qword_ptr;
import static jnr.x86asm.Asm.r10;
import static jnr.x86asm.Asm.r12;
import static jnr.x86asm.Asm.r8;
import static jnr.x86asm.Asm.r9;
import static jnr.x86asm.Asm.rax;
import static jnr.x86asm.Asm.rbx;
import static jnr.x86asm.Asm.rcx;
import static jnr.x86asm.Asm.rdi;
import static jnr.x86asm.Asm.rdx;
import static jnr.x86asm.Asm.rsi;

import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Function;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import dev.jctl.shim.kernel.MachineCode.Jump;
import java.util.List;
import java.util.function.Consumer;
import jnr.x86asm.Assembler;
import jnr.x86asm.Register;

/**
 * The machine code that makes a child and is all that the child runs until its {@code execve}: a
 * loop over the records of a {@link ChildProgram}. A JVM cannot fork; a child that shares its
 * memory, but neither runs Java nor calls the C library, can do without.
 *
 * <p>Assembled once, at start-up, for x86-64. The child touches nothing but the program and never
 * its stack. All signals are blocked from before {@code clone3} on: a handler of the JVM must not
 * run in the child. The parent's mask is put back here, the child's by a record of its program.
 */
public final class ChildInterpreter {
  private static final int PAGE = 4096;
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int SIG_SETMASK = 2;
  private static final int SIGSET_BYTES = 8;

  /** Of a child whose program failed; nobody should see it, as the parent reads the failure. */
  private static final int EXIT_STATUS = 125;

  private static final List<Register> ARGUMENTS = List.of(rdi, rsi, rdx, r10, r8, r9);

  private final Function code;

  public ChildInterpreter() {
    if (!System.getProperty("os.arch").equals("amd64")) {
      throw new UnsupportedOperationException(
          "containers can be started on x86-64 only, this is " + System.getProperty("os.arch"));
    }
    this.code =
        new Function(
            load(assemble()), Type.SINT64, new Type[] {Type.POINTER}, CallingConvention.DEFAULT);
  }

  /**
   * Makes the child; returns when it has executed its command or is gone (CLONE_VFORK).
   *
   * @return its pid
   */
  public int run(ChildProgram program) {
    HeapInvocationBuffer arguments = new HeapInvocationBuffer(code);
    arguments.putAddress(program.begin());
    long result = Invoker.getInstance().invokeLong(code, arguments);
    if (result < 0) {
      throw new KernelException("clone3", (int) -result);
    }
    return (int) result;
  }

  private static byte[] assemble() {
    MachineCode code = new MachineCode();
    code.add(a -> a.push(rbx)).add(a -> a.push(r12)).add(a -> a.mov(rbx, rdi));
    setMask(
        code, a -> a.lea(rdx, qword_ptr(rbx, ChildProgram.SAVED_MASK)), ChildProgram.ALL_SIGNALS);
    code.add(a -> a.mov(rdi, qword_ptr(rbx, ChildProgram.CLONE_ARGS)))
        .add(a -> a.mov(rsi, qword_ptr(rbx, ChildProgram.CLONE_ARGS_SIZE)));
    call(code, "clone3");
    code.add(a -> a.test(rax, rax)).jump(Jump.ZERO, "child").add(a -> a.mov(r12, rax));
    setMask(code, a -> a.xor_(rdx, rdx), ChildProgram.SAVED_MASK);
    code.add(a -> a.mov(rax, r12)).add(a -> a.pop(r12)).add(a -> a.pop(rbx)).add(a -> a.ret());
    loop(code.label("child"));
    return code.bytes();
  }

  /** rbx: control block, r12: record. */
  private static void loop(MachineCode code) {
    code.add(a -> a.mov(r12, qword_ptr(rbx, ChildProgram.FIRST_RECORD)))
        .label("record")
        .add(a -> a.mov(qword_ptr(rbx, ChildProgram.CURRENT), r12))
        .add(a -> a.mov(rax, qword_ptr(r12, ChildProgram.NUMBER)));
    for (int i = 0; i < ARGUMENTS.size(); i++) {
      Register register = ARGUMENTS.get(i);
      long offset = ChildProgram.FIRST_ARGUMENT + 8L * i;
      code.add(a -> a.mov(register, qword_ptr(r12, offset)));
    }
    code.syscall()
        .add(a -> a.mov(qword_ptr(r12, ChildProgram.RESULT), rax))
        .add(a -> a.cmp(rax, qword_ptr(r12, ChildProgram.MINIMUM)))
        .jump(Jump.LESS, "failed")
        .add(a -> a.mov(rdx, qword_ptr(r12, ChildProgram.STORES)))
        .label("store")
        .add(a -> a.mov(rcx, qword_ptr(rdx, 0)))
        .add(a -> a.test(rcx, rcx))
        .jump(Jump.ZERO, "advance")
        .add(a -> a.mov(qword_ptr(rcx, 0), rax))
        .add(a -> a.add(rdx, imm(8)))
        .jump(Jump.ALWAYS, "store")
        .label("advance")
        .add(a -> a.add(r12, imm(ChildProgram.RECORD_BYTES)))
        .jump(Jump.ALWAYS, "record")
        .label("failed")
        .add(a -> a.cmp(rax, qword_ptr(r12, ChildProgram.TOLERATED)))
        .jump(Jump.NOT_ZERO, "fatal")
        .add(a -> a.add(r12, qword_ptr(r12, ChildProgram.SKIPPED_BYTES)))
        .jump(Jump.ALWAYS, "advance")
        .label("fatal")
        .add(a -> a.mov(qword_ptr(rbx, ChildProgram.FAILED), r12))
        .label("exit")
        .add(a -> a.mov(rdi, imm(EXIT_STATUS)));
    call(code, "exit_group");
    code.jump(Jump.ALWAYS, "exit");
  }

  /**
   * @param old puts into rdx where the former mask is kept
   */
  private static void setMask(MachineCode code, Consumer<Assembler> old, int mask) {
    code.add(a -> a.mov(rdi, imm(SIG_SETMASK)))
        .add(a -> a.lea(rsi, qword_ptr(rbx, mask)))
        .add(old)
        .add(a -> a.mov(r10, imm(SIGSET_BYTES)));
    call(code, "rt_sigprocmask");
  }

  private static void call(MachineCode code, String name) {
    code.add(a -> a.mov(rax, imm(SyscallNumbers.of(name)))).syscall();
  }

  private static long load(byte[] bytes) {
    long address =
        Kernel.syscall(
            "mmap", 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0, "mmap of code");
    MemoryIO.getInstance().putByteArray(address, bytes, 0, bytes.length);
    Kernel.syscall("mprotect", address, PAGE, PROT_READ | PROT_EXEC, 0, 0, 0, "mprotect of code");
    return address;
  }
}
