/**
 * GitRepositories and ManifestSources: manifests are fetched, applied as one set, kept as they are
 * there, and deleted when they leave. Entry type: {@link
 * dev.jctl.controller.gitrepository.GitRepositoryReconciler}. Depends on git, overlay, sops, sets,
 * image, queue, status, event, resources, watch, config, images, manifests.
 */
@NullMarked
package dev.jctl.controller.gitrepository;

import org.jspecify.annotations.NullMarked;
