/**
 * The whole of it, as a user meets it: tests that run {@code bin/jctl} of this checkout as a
 * process of its own, on an engine of their own.
 *
 * <p>Entry: {@link dev.jctl.cli.e2e.TestEngine}, one for each test class. What an engine holds of
 * the machine is read by {@link dev.jctl.cli.e2e.Traces}, from outside of the engine. May use the
 * JDK, Jackson, AssertJ and Awaitility; nothing of the command's own classes.
 */
@NullMarked
package dev.jctl.cli.e2e;

import org.jspecify.annotations.NullMarked;
