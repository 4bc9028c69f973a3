/**
 * CronJobs: a Job at certain times. Entry type: {@link
 * dev.jctl.controller.cronjob.CronJobReconciler}. Depends on workload, queue, watch, status, event,
 * resources.
 */
@NullMarked
package dev.jctl.controller.cronjob;

import org.jspecify.annotations.NullMarked;
