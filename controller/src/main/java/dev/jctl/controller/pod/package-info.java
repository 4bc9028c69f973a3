/**
 * Pods: the unit that runs. A pure planner turns what is wanted and what the runtime observes into
 * actions; a thin executor carries them out. The only package that talks to the runtime about
 * sandboxes and containers. Entry type: {@link dev.jctl.controller.pod.PodReconciler}. Depends on
 * queue, status, event, probe, network, volume, resources, watch, config, access, images, shim.
 */
@NullMarked
package dev.jctl.controller.pod;

import org.jspecify.annotations.NullMarked;
