/**
 * Dockerfiles as values: lines, instructions, variables, ignore patterns; every error says file and
 * line. Pure. Entry type: {@link dev.jctl.images.dockerfile.DockerfileReader}. Depends on nothing.
 */
@NullMarked
package dev.jctl.images.dockerfile;

import org.jspecify.annotations.NullMarked;
