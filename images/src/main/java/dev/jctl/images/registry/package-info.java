/**
 * The OCI distribution protocol, one small class for each endpoint, over java.net.http. Entry type:
 * {@link dev.jctl.images.registry.Registry}. Uses {@code reference}, {@code oci}, {@code content}
 * and the module's contract.
 */
@NullMarked
package dev.jctl.images.registry;

import org.jspecify.annotations.NullMarked;
