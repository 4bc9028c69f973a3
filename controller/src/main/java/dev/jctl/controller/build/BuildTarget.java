package dev.jctl.controller.build;

import dev.jctl.controller.resources.ObjectRef;

/**
 * The Image that is built, as an object.
 *
 * @param revision of the spec and of the request to build again
 */
record BuildTarget(ObjectRef ref, String uid, String revision) {}
