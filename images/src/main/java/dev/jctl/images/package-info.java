/**
 * Images by digest: sources are resolved into a content store, verified, and read out as a
 * configuration and layers. Knows digests; not manifests; no native code. Entry type: {@link
 * dev.jctl.images.ImageStore}.
 */
@NullMarked
package dev.jctl.images;

import org.jspecify.annotations.NullMarked;
