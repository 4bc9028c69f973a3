/**
 * Pure: an OCI runtime spec becomes a syscall program. Entry types: {@link
 * dev.jctl.shim.plan.ContainerProgram} and {@link dev.jctl.shim.plan.ProcessSteps}. Depends on
 * spec, and of kernel only on the values {@code SyscallRecord} and {@code Errno}.
 */
@NullMarked
package dev.jctl.shim.plan;

import org.jspecify.annotations.NullMarked;
