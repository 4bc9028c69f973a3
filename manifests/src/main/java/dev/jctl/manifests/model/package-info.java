/**
 * Kinds as immutable records, the one source of the schema. Entry types: {@link
 * dev.jctl.manifests.model.Resource}, {@link dev.jctl.manifests.model.ResourceKind}. Depends on the
 * Fabric8 model.
 */
@NullMarked
package dev.jctl.manifests.model;

import org.jspecify.annotations.NullMarked;
