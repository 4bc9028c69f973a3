/**
 * ManifestSets: how the objects of a set are, and going back to the last healthy revision. Entry
 * type: {@link dev.jctl.controller.manifestset.ManifestSetReconciler}. Depends on sets, queue,
 * status, event, resources, manifests.
 */
@NullMarked
package dev.jctl.controller.manifestset;

import org.jspecify.annotations.NullMarked;
