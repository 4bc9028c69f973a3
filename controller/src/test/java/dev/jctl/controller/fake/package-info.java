/** What stands in for the machine in tests: it keeps the rules of the contracts, in memory. */
@NullMarked
package dev.jctl.controller.fake;

import org.jspecify.annotations.NullMarked;
