/** Pure: an OCI runtime spec becomes a syscall program, and the undoing of it. Depends on spec. */
@NullMarked
package dev.jctl.shim.plan;

import org.jspecify.annotations.NullMarked;
