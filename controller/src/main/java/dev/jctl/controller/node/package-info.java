/**
 * The machine as a Node, for clients that look for one. Entry type: {@link
 * dev.jctl.controller.node.NodeReconciler}.
 */
@NullMarked
package dev.jctl.controller.node;

import org.jspecify.annotations.NullMarked;
