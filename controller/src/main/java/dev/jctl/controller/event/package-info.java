/**
 * Core v1 Events: counted instead of repeated, few per object, gone after an hour. Entry type:
 * {@link dev.jctl.controller.event.EventRecorder}. Depends on resources, watch, status.
 */
@NullMarked
package dev.jctl.controller.event;

import org.jspecify.annotations.NullMarked;
