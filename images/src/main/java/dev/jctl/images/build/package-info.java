/**
 * What a build does: stages and what they hang on, steps with every variable replaced, the keys by
 * which a step's result is found again. Pure. Entry type: {@link
 * dev.jctl.images.build.StagePlanner}. Depends on dockerfile, oci, reference.
 */
@NullMarked
package dev.jctl.images.build;

import org.jspecify.annotations.NullMarked;
