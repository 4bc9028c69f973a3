/**
 * Carries programs out: namespaces, root file systems, processes. Decides nothing. Entry type:
 * {@link dev.jctl.shim.exec.Launcher}. Depends on plan, kernel, spec.
 */
@NullMarked
package dev.jctl.shim.exec;

import org.jspecify.annotations.NullMarked;
