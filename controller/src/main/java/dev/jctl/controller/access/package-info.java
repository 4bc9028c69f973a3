/**
 * Who a client is and what it may do: certificates, tokens, the kubeconfig. Knows no web server.
 */
@NullMarked
package dev.jctl.controller.access;

import org.jspecify.annotations.NullMarked;
