/**
 * Layer archives: read as checked entries whoever made them, and written so that equal files give
 * equal bytes. Entry types: {@link dev.jctl.images.layer.TarLayerArchive}, {@link
 * dev.jctl.images.layer.DirectoryLayer}, {@link dev.jctl.images.layer.FilesLayer}. Uses {@code
 * reference} and the module's contract; the only importer of commons-compress and zstd.
 */
@NullMarked
package dev.jctl.images.layer;

import org.jspecify.annotations.NullMarked;
