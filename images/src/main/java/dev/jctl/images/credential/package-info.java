/**
 * Credentials as Docker's configuration files keep them: the user's own and those that Secrets
 * hold. Entry types: {@link dev.jctl.images.credential.DockerConfig}, {@link
 * dev.jctl.images.credential.UserKeyring}. Uses the module's contract only.
 */
@NullMarked
package dev.jctl.images.credential;

import org.jspecify.annotations.NullMarked;
