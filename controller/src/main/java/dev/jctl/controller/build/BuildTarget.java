package dev.jctl.controller.build;

import dev.jctl.controller.resources.ObjectRef;

/** The Image that is built, as an object. */
record BuildTarget(ObjectRef ref, String uid) {}
