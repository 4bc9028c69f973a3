/**
 * Why an object is not ready: from its conditions, its owners and what it refers to, down to the
 * fact that is in the way. Pure. Entry type: {@link dev.jctl.cli.why.Why}. Depends on output.
 */
@NullMarked
package dev.jctl.cli.why;

import org.jspecify.annotations.NullMarked;
