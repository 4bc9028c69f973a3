/**
 * Networks: which subnet, who has which address, and the repair of what others changed. Entry
 * types: {@link dev.jctl.controller.network.NetworkReconciler}, {@link
 * dev.jctl.controller.network.Leases}. Depends on queue, status, event, resources, watch, shim.
 */
@NullMarked
package dev.jctl.controller.network;

import org.jspecify.annotations.NullMarked;
