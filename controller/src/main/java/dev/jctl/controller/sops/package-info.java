/**
 * Files that SOPS has encrypted for age keys: read, and checked to be as they were written. Pure.
 * Entry type: {@link dev.jctl.controller.sops.SopsText}. Depends on manifests.
 */
@NullMarked
package dev.jctl.controller.sops;

import org.jspecify.annotations.NullMarked;
