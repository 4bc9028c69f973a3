/**
 * Jobs: Pods that run until so many have succeeded. Entry type: {@link
 * dev.jctl.controller.job.JobReconciler}. Depends on workload, queue, watch, status, event,
 * resources.
 */
@NullMarked
package dev.jctl.controller.job;

import org.jspecify.annotations.NullMarked;
