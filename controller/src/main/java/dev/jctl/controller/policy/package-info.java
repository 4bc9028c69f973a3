/**
 * NetworkPolicies: which connections each Pod may have. Entry type: {@link
 * dev.jctl.controller.policy.PolicyReconciler}. Depends on queue, resources, watch, network, shim.
 */
@NullMarked
package dev.jctl.controller.policy;

import org.jspecify.annotations.NullMarked;
