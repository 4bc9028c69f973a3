/**
 * Images by digest: the contract of the store, and nothing of how it works. Knows digests; not
 * manifests; no native code. Entry type: {@link dev.jctl.images.ImageStore}, opened by {@code
 * dev.jctl.images.store.ContentImageStore.open}. Uses no other package of this module, so that they
 * may all use it.
 */
@NullMarked
package dev.jctl.images;

import org.jspecify.annotations.NullMarked;
