/**
 * GitRepositories: manifests are fetched, applied as one set, kept as they are there, and deleted
 * when they leave. Entry type: {@link dev.jctl.controller.gitrepository.GitRepositoryReconciler}.
 * Depends on git, overlay, sets, queue, status, event, resources, watch, config, manifests.
 */
@NullMarked
package dev.jctl.controller.gitrepository;

import org.jspecify.annotations.NullMarked;
