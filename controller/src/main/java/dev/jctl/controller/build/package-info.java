/**
 * Images made by Dockerfiles: each stage in a thread, each RUN as a Pod, every result remembered.
 * Entry type: {@link dev.jctl.controller.build.Builds}. Depends on resources, watch, status, queue,
 * git, images, shim.
 */
@NullMarked
package dev.jctl.controller.build;

import org.jspecify.annotations.NullMarked;
