/**
 * What belongs together: the marks by which the members of a set are known, the revisions that were
 * applied, and how healthy they are. Entry types: {@link dev.jctl.controller.sets.ManifestSets},
 * {@link dev.jctl.controller.sets.Membership}. Depends on manifests, store, resources, watch,
 * status.
 */
@NullMarked
package dev.jctl.controller.sets;

import org.jspecify.annotations.NullMarked;
