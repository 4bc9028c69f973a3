/**
 * The controller's process. Entry type: {@link dev.jctl.controller.ControllerMain}. Depends on all
 * of the controller's packages; nothing depends on it.
 */
@NullMarked
package dev.jctl.controller;

import org.jspecify.annotations.NullMarked;
