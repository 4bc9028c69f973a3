package dev.jctl.shim.kernel;

import static dev.jctl.shim.kernel.ChildInterpreter.SIGSET_BYTES;
import static dev.jctl.shim.kernel.ChildInterpreter.SIG_SETMASK;
import static dev.jctl.shim.kernel.ChildProgram.SIGCHLD;
import static dev.jctl.shim.kernel.MachineCode.Register.R10;
import static dev.jctl.shim.kernel.MachineCode.Register.R12;
import static dev.jctl.shim.kernel.MachineCode.Register.R8;
import static dev.jctl.shim.kernel.MachineCode.Register.RAX;
import static dev.jctl.shim.kernel.MachineCode.Register.RBX;
import static dev.jctl.shim.kernel.MachineCode.Register.RCX;
import static dev.jctl.shim.kernel.MachineCode.Register.RDI;
import static dev.jctl.shim.kernel.MachineCode.Register.RDX;
import static dev.jctl.shim.kernel.MachineCode.Register.RSI;
import static dev.jctl.shim.kernel.MachineCode.Register.RSP;

import dev.jctl.shim.kernel.MachineCode.Jump;
import java.nio.charset.StandardCharsets;

/**
 * Programs that can be the first process of a PID namespace, to which those come whose parents have
 * ended, pid_namespaces(7). Each is a file in memory of some hundred bytes, to be executed by its
 * descriptor; nobody can change it.
 */
public final class FirstProcess {
  private static final int WNOHANG = 1;
  private static final int PR_SET_DUMPABLE = 4;
  private static final int PR_SET_NAME = 15;
  private static final int PR_SET_CHILD_SUBREAPER = 36;
  private static final int TIOCSPGRP = 0x5410;
  private static final int STANDARD_ERROR = 2;

  /** As shells have it: there, but it cannot be executed; and what a signal is added to. */
  private static final int NOT_EXECUTABLE = 126;

  private static final int SIGNALLED = 128;

  /** What a status says of the signal, and of the code in the byte above, wait(2). */
  private static final int SIGNAL_BITS = 0x7f;

  private static final int CODE_BITS = 0xff;
  private static final int ALL_BITS = -1;

  // on the stack, below RBX, where the kernel has put the number of arguments
  private static final int NO_SIGNALS = -8;
  private static final int ALL_SIGNALS = -16;
  private static final int SCRATCH = -24;

  // and above it
  private static final int ARGUMENTS = 8;
  private static final int PATH = 16;
  private static final int COMMAND = 24;

  private static final String INIT = "jctl-init";
  private static final String PAUSE = "jctl-pause";
  private static final String COMPLAINT = INIT + ": the command cannot be executed\n";

  private FirstProcess() {}

  /**
   * One that does nothing. It is to be executed with SIGCHLD ignored: the kernel then reaps for it.
   * Who has its user may not look into it.
   *
   * @return its descriptor
   */
  public static int pause() {
    MachineCode code = new MachineCode();
    code.move(RDI, PR_SET_DUMPABLE).clear(RSI).call("prctl");
    name(code);
    code.label("again").call("pause").jump(Jump.ALWAYS, "again");
    return MemoryFile.program(PAUSE, ElfImage.of(text(PAUSE), code.bytes()));
  }

  /**
   * One that executes a command as its child, hands it all signals that it gets, reaps whoever has
   * no other parent, and ends as the command does, with 128 and the number of the signal for one
   * that was killed. Its arguments are its name, the path of the command, and the arguments of
   * that, beginning with its name. It is to be executed with all signals blocked.
   *
   * @return its descriptor
   */
  public static int init() {
    MachineCode code = new MachineCode().move(RBX, RSP);
    code.clear(RAX).push(RAX).move(RCX, ALL_BITS).push(RCX).push(RAX);
    name(code);
    code.move(RDI, PR_SET_CHILD_SUBREAPER).move(RSI, 1).call("prctl");
    code.move(RDI, SIGCHLD).clear(RSI).clear(RDX).clear(R10).clear(R8).call("clone");
    code.move(R12, RAX).test(RAX).jump(Jump.ZERO, "child").jump(Jump.LESS, "failed");
    serve(code);
    execute(code.label("child"));
    return MemoryFile.program(INIT, ElfImage.of(text(INIT + "\0" + COMPLAINT), code.bytes()));
  }

  /** R12: the command's process. */
  private static void serve(MachineCode code) {
    code.label("wait").loadAddress(RDI, RBX, ALL_SIGNALS).clear(RSI).clear(RDX);
    code.move(R10, SIGSET_BYTES).call("rt_sigtimedwait");
    code.test(RAX).jump(Jump.LESS, "wait");
    code.compare(RAX, SIGCHLD).jump(Jump.ZERO, "reap");
    code.move(RDI, R12).move(RSI, RAX).call("kill").jump(Jump.ALWAYS, "wait");
    code.label("reap").move(RDI, -1).loadAddress(RSI, RBX, SCRATCH).move(RDX, WNOHANG);
    code.clear(R10).call("wait4");
    code.test(RAX).jump(Jump.LESS, "wait").jump(Jump.ZERO, "wait");
    code.compare(RAX, R12).jump(Jump.NOT_ZERO, "reap");
    code.load(RDI, RBX, SCRATCH).move(RCX, RDI).and(RCX, SIGNAL_BITS);
    code.jump(Jump.NOT_ZERO, "signalled");
    code.shiftRight(RDI, 8).and(RDI, CODE_BITS).jump(Jump.ALWAYS, "exit");
    code.label("signalled").move(RDI, RCX).add(RDI, SIGNALLED);
    code.label("exit").call("exit_group");
  }

  /** In a process group of its own, which has the terminal, if there is one. */
  private static void execute(MachineCode code) {
    code.clear(RDI).clear(RSI).call("setpgid");
    code.call("getpid").store(RBX, SCRATCH, RAX);
    code.clear(RDI).move(RSI, TIOCSPGRP).loadAddress(RDX, RBX, SCRATCH).call("ioctl");
    code.move(RDI, SIG_SETMASK).loadAddress(RSI, RBX, NO_SIGNALS).clear(RDX);
    code.move(R10, SIGSET_BYTES).call("rt_sigprocmask");
    // the environment is behind the null at the end of the arguments
    code.loadAddress(RDX, RBX, ARGUMENTS).label("next").load(RCX, RDX, 0).add(RDX, 8);
    code.test(RCX).jump(Jump.NOT_ZERO, "next");
    code.load(RDI, RBX, PATH).loadAddress(RSI, RBX, COMMAND).call("execve");
    code.label("failed").move(RDI, STANDARD_ERROR).move(RSI, ElfImage.DATA + INIT.length() + 1);
    code.move(RDX, COMPLAINT.length()).call("write");
    code.move(RDI, NOT_EXECUTABLE).call("exit_group");
  }

  /** As {@code ps} shows it; otherwise the number of a descriptor before kernel 6.14. */
  private static void name(MachineCode code) {
    code.move(RDI, PR_SET_NAME).move(RSI, ElfImage.DATA).call("prctl");
  }

  private static byte[] text(String text) {
    return (text + "\0").getBytes(StandardCharsets.US_ASCII);
  }
}
