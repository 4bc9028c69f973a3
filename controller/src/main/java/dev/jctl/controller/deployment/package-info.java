/**
 * Deployments: a ReplicaSet for each template that there was, and how Pods go from one to the next.
 * Entry type: {@link dev.jctl.controller.deployment.DeploymentReconciler}. Depends on workload,
 * config, queue, watch, status, event, resources.
 */
@NullMarked
package dev.jctl.controller.deployment;

import org.jspecify.annotations.NullMarked;
