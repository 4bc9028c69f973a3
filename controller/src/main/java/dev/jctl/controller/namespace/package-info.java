/**
 * Namespaces: deletion empties them first. Entry type: {@link
 * dev.jctl.controller.namespace.NamespaceReconciler}. Depends on queue, status, resources, watch.
 */
@NullMarked
package dev.jctl.controller.namespace;

import org.jspecify.annotations.NullMarked;
