/**
 * Manifest text to checked trees with source positions, size and aliases bounded; trees to YAML.
 * Entry types: {@link dev.jctl.manifests.codec.ManifestReader}, {@link
 * dev.jctl.manifests.codec.YamlText}. Depends on model, schema, Jackson, SnakeYAML.
 */
@NullMarked
package dev.jctl.manifests.codec;

import org.jspecify.annotations.NullMarked;
