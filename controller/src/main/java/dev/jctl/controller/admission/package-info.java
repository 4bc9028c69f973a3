/**
 * Pure: whether an object may be stored, and what it looks like then. Entry type: {@link
 * dev.jctl.controller.admission.Admission}. Depends on merge, manifests.
 */
@NullMarked
package dev.jctl.controller.admission;

import org.jspecify.annotations.NullMarked;
