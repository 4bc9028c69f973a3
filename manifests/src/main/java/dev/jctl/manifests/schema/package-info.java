/**
 * The structural schema of each kind as values, and pure functions over it: validate, default.
 * Entry type: {@link dev.jctl.manifests.schema.Schema}. Depends on model and Jackson trees.
 */
@NullMarked
package dev.jctl.manifests.schema;

import org.jspecify.annotations.NullMarked;
