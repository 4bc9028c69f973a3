/** What tests of several packages write their cases with. Depends on Jackson. */
@NullMarked
package dev.jctl.controller.testing;

import org.jspecify.annotations.NullMarked;
