/**
 * What containers and the machine use: for {@code kubectl top} and for Prometheus. Nothing is
 * measured until somebody asks. Entry types: {@link dev.jctl.controller.usage.Usages}, {@link
 * dev.jctl.controller.usage.Exposition}.
 */
@NullMarked
package dev.jctl.controller.usage;

import org.jspecify.annotations.NullMarked;
