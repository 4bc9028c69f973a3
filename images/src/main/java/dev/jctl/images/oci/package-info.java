/**
 * The documents of OCI and Docker images as records: manifest, index, configuration, docker-archive
 * list. Pure; bounded in size and depth; a wrong type is named with its document and JSON path.
 * Entry type: {@link dev.jctl.images.oci.ManifestDocument}. Uses {@code reference} and Jackson.
 */
@NullMarked
package dev.jctl.images.oci;

import org.jspecify.annotations.NullMarked;
