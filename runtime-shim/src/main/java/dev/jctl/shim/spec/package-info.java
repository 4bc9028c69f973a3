/**
 * Fully resolved values that the runtime works from: the OCI runtime spec as records, sandboxes,
 * networks, volumes, and what is observed of them. Entry type: {@link dev.jctl.shim.spec.OciSpec}.
 * Depends on the JDK only.
 */
@NullMarked
package dev.jctl.shim.spec;

import org.jspecify.annotations.NullMarked;
