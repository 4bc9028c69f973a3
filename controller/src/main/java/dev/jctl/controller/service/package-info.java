/**
 * Services: their addresses and node ports, who is behind them, and what the runtime and clients
 * are told of it. Entry type: {@link dev.jctl.controller.service.ServiceReconciler}. Depends on
 * queue, status, event, resources, watch, network, config, access, shim.
 */
@NullMarked
package dev.jctl.controller.service;

import org.jspecify.annotations.NullMarked;
