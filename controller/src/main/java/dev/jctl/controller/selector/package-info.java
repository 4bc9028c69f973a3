/**
 * Selecting by labels. Entry type: {@link dev.jctl.controller.selector.LabelMatch}. Depends on
 * nothing.
 */
@NullMarked
package dev.jctl.controller.selector;

import org.jspecify.annotations.NullMarked;
