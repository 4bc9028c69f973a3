/**
 * ReplicaSets: so many Pods alike. Entry type: {@link
 * dev.jctl.controller.replicaset.ReplicaSetReconciler}. Depends on workload, queue, watch, status,
 * event, resources.
 */
@NullMarked
package dev.jctl.controller.replicaset;

import org.jspecify.annotations.NullMarked;
