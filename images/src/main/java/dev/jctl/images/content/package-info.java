/**
 * Blobs by digest on disk, verified while they are written, and the list of whole images. Entry
 * type: {@link dev.jctl.images.content.BlobStore}. Uses {@code reference} and the module's
 * contract.
 */
@NullMarked
package dev.jctl.images.content;

import org.jspecify.annotations.NullMarked;
