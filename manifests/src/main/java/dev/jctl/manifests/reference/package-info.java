/**
 * What objects refer to, by names or by labels, read off their trees. Entry types: {@link
 * dev.jctl.manifests.reference.References}, {@link dev.jctl.manifests.reference.Selectors}. Depends
 * on model and json.
 */
@NullMarked
package dev.jctl.manifests.reference;

import org.jspecify.annotations.NullMarked;
