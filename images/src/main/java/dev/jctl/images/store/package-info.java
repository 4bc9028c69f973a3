/**
 * The image store itself: joins the ways in (registry, archive, directory, files) with the content
 * on disk. Entry type: {@link dev.jctl.images.store.ContentImageStore}. May use every package of
 * this module; none of them uses it.
 */
@NullMarked
package dev.jctl.images.store;

import org.jspecify.annotations.NullMarked;
