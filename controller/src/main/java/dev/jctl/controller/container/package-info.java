/**
 * Containers: each is a Pod of the same name, and shows how that Pod is. Entry type: {@link
 * dev.jctl.controller.container.ContainerReconciler}. Depends on queue, status, event, resources,
 * network (leases).
 */
@NullMarked
package dev.jctl.controller.container;

import org.jspecify.annotations.NullMarked;
