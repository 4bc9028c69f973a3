/**
 * What who asks may do, by the roles and bindings of rbac.authorization.k8s.io/v1: decisions from
 * memory, and what keeps anybody from granting more than it has. Entry types: {@link
 * dev.jctl.controller.rbac.Authorizer}, {@link dev.jctl.controller.rbac.RoleIndex}. Depends on
 * access, resources, watch, manifests.
 */
@NullMarked
package dev.jctl.controller.rbac;

import org.jspecify.annotations.NullMarked;
