/**
 * What belongs together: the marks by which the members of a set are known. Pure. Entry type:
 * {@link dev.jctl.controller.sets.Membership}. Depends on manifests.
 */
@NullMarked
package dev.jctl.controller.sets;

import org.jspecify.annotations.NullMarked;
