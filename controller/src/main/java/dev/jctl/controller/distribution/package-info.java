/**
 * The instance as a registry: Images as repositories with tags, and what clients push as Images.
 * OCI distribution spec 1.1. Entry type: {@link dev.jctl.controller.distribution.Repositories}.
 * Depends on manifests, images, resources, watch; knows no HTTP but its codes.
 */
@NullMarked
package dev.jctl.controller.distribution;

import org.jspecify.annotations.NullMarked;
