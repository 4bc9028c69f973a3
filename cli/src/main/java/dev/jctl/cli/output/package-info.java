/**
 * Resources to tables, text, differences; progress lines. Pure but for {@link
 * dev.jctl.cli.output.Console} and {@link dev.jctl.cli.output.LiveLines}. Entry types: {@link
 * dev.jctl.cli.output.ResourceTable}, {@link dev.jctl.cli.output.Console}. Depends on the manifest
 * model's {@code ResourceKind}, the YAML writer of the codec, Jackson trees.
 */
@NullMarked
package dev.jctl.cli.output;

import org.jspecify.annotations.NullMarked;
