/**
 * One method per system call, errno, struct layouts, the child interpreter. The only package that
 * imports jnr. Entry type: {@link dev.jctl.shim.kernel.Kernel}. Depends on nothing of this project.
 */
@NullMarked
package dev.jctl.shim.kernel;

import org.jspecify.annotations.NullMarked;
