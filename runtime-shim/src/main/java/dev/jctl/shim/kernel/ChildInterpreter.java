package dev.jctl.shim.kernel;

import static dev.jctl.shim.kernel.MachineCode.Register.R10;
import static dev.jctl.shim.kernel.MachineCode.Register.R12;
import static dev.jctl.shim.kernel.MachineCode.Register.R8;
import static dev.jctl.shim.kernel.MachineCode.Register.R9;
import static dev.jctl.shim.kernel.MachineCode.Register.RAX;
import static dev.jctl.shim.kernel.MachineCode.Register.RBX;
import static dev.jctl.shim.kernel.MachineCode.Register.RCX;
import static dev.jctl.shim.kernel.MachineCode.Register.RDI;
import static dev.jctl.shim.kernel.MachineCode.Register.RDX;
import static dev.jctl.shim.kernel.MachineCode.Register.RSI;

import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Function;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import dev.jctl.shim.kernel.MachineCode.Jump;
import dev.jctl.shim.kernel.MachineCode.Register;
import java.util.List;

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
  static final int SIG_SETMASK = 2;
  static final int SIGSET_BYTES = 8;

  /** Of a child whose program failed; nobody should see it, as the parent reads the failure. */
  private static final int EXIT_STATUS = 125;

  private static final List<Register> ARGUMENTS = List.of(RDI, RSI, RDX, R10, R8, R9);

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
    MachineCode code = new MachineCode().push(RBX).push(R12).move(RBX, RDI);
    setMask(code.loadAddress(RDX, RBX, ChildProgram.SAVED_MASK), ChildProgram.ALL_SIGNALS);
    code.load(RDI, RBX, ChildProgram.CLONE_ARGS).load(RSI, RBX, ChildProgram.CLONE_ARGS_SIZE);
    code.call("clone3");
    code.test(RAX).jump(Jump.ZERO, "child").move(R12, RAX);
    setMask(code.clear(RDX), ChildProgram.SAVED_MASK);
    code.move(RAX, R12).pop(R12).pop(RBX).leave();
    loop(code.label("child"));
    return code.bytes();
  }

  /** RBX: control block, R12: record. */
  private static void loop(MachineCode code) {
    code.load(R12, RBX, ChildProgram.FIRST_RECORD)
        .label("record")
        .store(RBX, ChildProgram.CURRENT, R12)
        .load(RAX, R12, ChildProgram.NUMBER);
    for (int i = 0; i < ARGUMENTS.size(); i++) {
      code.load(ARGUMENTS.get(i), R12, ChildProgram.FIRST_ARGUMENT + 8 * i);
    }
    code.call()
        .store(R12, ChildProgram.RESULT, RAX)
        .compare(RAX, R12, ChildProgram.MINIMUM)
        .jump(Jump.LESS, "failed")
        .load(RDX, R12, ChildProgram.STORES)
        .label("store")
        .load(RCX, RDX, 0)
        .test(RCX)
        .jump(Jump.ZERO, "advance")
        .store(RCX, 0, RAX)
        .add(RDX, 8)
        .jump(Jump.ALWAYS, "store")
        .label("advance")
        .add(R12, ChildProgram.RECORD_BYTES)
        .jump(Jump.ALWAYS, "record")
        .label("failed")
        .compare(RAX, R12, ChildProgram.TOLERATED)
        .jump(Jump.NOT_ZERO, "fatal")
        .add(R12, R12, ChildProgram.SKIPPED_BYTES)
        .jump(Jump.ALWAYS, "advance")
        .label("fatal")
        .store(RBX, ChildProgram.FAILED, R12)
        .label("exit")
        .move(RDI, EXIT_STATUS)
        .call("exit_group")
        .jump(Jump.ALWAYS, "exit");
  }

  /** RDX: where the former mask is kept, or zero. */
  private static void setMask(MachineCode code, int mask) {
    code.move(RDI, SIG_SETMASK).loadAddress(RSI, RBX, mask).move(R10, SIGSET_BYTES);
    code.call("rt_sigprocmask");
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
