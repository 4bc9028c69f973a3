/**
 * Webhooks: who hosts a git repository tells that there is a new commit. Entry type: {@link
 * dev.jctl.controller.webhook.Webhooks}. Depends on config, resources, manifests.
 */
@NullMarked
package dev.jctl.controller.webhook;

import org.jspecify.annotations.NullMarked;
