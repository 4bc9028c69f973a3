/**
 * What images and blobs are called: values, parsed once. Entry types: {@link
 * dev.jctl.images.reference.ImageReference}, {@link dev.jctl.images.reference.Digest}. Uses only
 * the module's contract.
 */
@NullMarked
package dev.jctl.images.reference;

import org.jspecify.annotations.NullMarked;
