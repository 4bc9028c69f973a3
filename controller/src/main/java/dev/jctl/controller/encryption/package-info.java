/**
 * Secrets as they are in the store: sealed with a key that is in a file of its own. Entry types:
 * {@link dev.jctl.controller.encryption.SealedStore}, {@link
 * dev.jctl.controller.encryption.SecretSealing}. Depends on manifests, store, resources.
 */
@NullMarked
package dev.jctl.controller.encryption;

import org.jspecify.annotations.NullMarked;
