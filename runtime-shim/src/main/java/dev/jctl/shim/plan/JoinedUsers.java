package dev.jctl.shim.plan;

/**
 * A user namespace that a process joins when all is set up: until then it has the rights of the
 * runtime, and what it makes is given to the namespace's root.
 *
 * @param descriptor of the namespace, or of a process that is in it
 */
record JoinedUsers(Argument descriptor, IdMaps ids) {}
