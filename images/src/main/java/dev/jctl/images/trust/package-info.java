/**
 * Whose signatures images need, and whether they have them. Entry types: {@link
 * dev.jctl.images.trust.TrustPolicy}, {@link dev.jctl.images.trust.ImageSignature}. Depends on
 * reference, oci.
 */
@NullMarked
package dev.jctl.images.trust;

import org.jspecify.annotations.NullMarked;
