/**
 * Pure merging of object trees: the four kinds of patch, and who owns which field. Entry types:
 * {@link dev.jctl.controller.merge.ServerSideApply}, {@link
 * dev.jctl.controller.merge.ManagedFields}, {@link dev.jctl.controller.merge.StrategicMergePatch},
 * {@link dev.jctl.controller.merge.MergePatch}, {@link dev.jctl.controller.merge.JsonPatch}.
 * Depends on manifests.schema and Jackson trees.
 */
@NullMarked
package dev.jctl.controller.merge;

import org.jspecify.annotations.NullMarked;
