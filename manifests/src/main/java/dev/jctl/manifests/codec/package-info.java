/**
 * Manifest text to trees with source positions, and trees to records; size and aliases bounded.
 * Entry type: {@link dev.jctl.manifests.codec.ManifestReader}. Depends on model, schema, Jackson,
 * SnakeYAML.
 */
@NullMarked
package dev.jctl.manifests.codec;

import org.jspecify.annotations.NullMarked;
