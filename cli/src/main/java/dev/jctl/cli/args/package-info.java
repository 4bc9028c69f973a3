/**
 * Command lines as values: options, commands, what was typed. Pure. Entry type: {@link
 * dev.jctl.cli.args.Arguments}. Depends on the JDK.
 */
@NullMarked
package dev.jctl.cli.args;

import org.jspecify.annotations.NullMarked;
