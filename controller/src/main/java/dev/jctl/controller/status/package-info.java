/**
 * What all reconcilers share when they tell what they saw: conditions, times, and writes that
 * happen only when something changed. Entry type: {@link dev.jctl.controller.status.ObjectWriter}.
 * Depends on resources and manifests.
 */
@NullMarked
package dev.jctl.controller.status;

import org.jspecify.annotations.NullMarked;
