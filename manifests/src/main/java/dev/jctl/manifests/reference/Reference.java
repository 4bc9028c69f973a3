package dev.jctl.manifests.reference;

import dev.jctl.manifests.model.ResourceKind;

/**
 * One object that another refers to.
 *
 * @param namespace empty for kinds without one
 * @param key of a ConfigMap or Secret; empty: all of it
 */
public record Reference(ResourceKind kind, String namespace, String name, String key) {}
