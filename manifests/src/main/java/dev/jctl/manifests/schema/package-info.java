/**
 * The structural schema of each kind as values, and pure functions over it: validate, default.
 * Entry types: {@link dev.jctl.manifests.schema.Schemas}, {@link
 * dev.jctl.manifests.schema.KindRules}. Depends on model and Jackson trees.
 */
@NullMarked
package dev.jctl.manifests.schema;

import org.jspecify.annotations.NullMarked;
