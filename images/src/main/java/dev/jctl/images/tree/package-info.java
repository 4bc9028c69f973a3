/**
 * What the layers of an image come to, without unpacking them, and files copied from one such tree
 * onto another. Entry types: {@link dev.jctl.images.tree.LayerTree}, {@link
 * dev.jctl.images.tree.CopyPlanner}. Depends on dockerfile (wildcards), reference.
 */
@NullMarked
package dev.jctl.images.tree;

import org.jspecify.annotations.NullMarked;
