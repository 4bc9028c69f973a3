/**
 * What objects refer to, read off their trees. Entry type: {@link
 * dev.jctl.manifests.reference.References}. Depends on model and json.
 */
@NullMarked
package dev.jctl.manifests.reference;

import org.jspecify.annotations.NullMarked;
