/**
 * The HTTP API in Kubernetes' form. {@link dev.jctl.controller.api.ApiServer} is the entry type;
 * {@link dev.jctl.controller.api.ApiTarget} is the map of its paths. What a request means and what
 * is answered is decided by classes that know no web server ({@link
 * dev.jctl.controller.api.ApiRequest} to {@link dev.jctl.controller.api.ApiReply}). Depends on
 * admission, merge, resources, watch, the runtime's interface; the only importer of Helidon.
 */
@NullMarked
package dev.jctl.controller.api;

import org.jspecify.annotations.NullMarked;
