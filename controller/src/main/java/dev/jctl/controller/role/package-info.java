/**
 * Keeps the ClusterRoles and ClusterRoleBindings that Kubernetes begins with, and gathers the rules
 * of roles that aggregate others. Entry types: {@link
 * dev.jctl.controller.role.ClusterRoleReconciler}, {@link
 * dev.jctl.controller.role.ClusterRoleBindingReconciler}. Depends on resources, watch, status,
 * queue, manifests.
 */
@NullMarked
package dev.jctl.controller.role;

import org.jspecify.annotations.NullMarked;
