/**
 * JSON trees without data binding. Entry type: {@link dev.jctl.manifests.json.Json}. Depends on
 * Jackson.
 */
@NullMarked
package dev.jctl.manifests.json;

import org.jspecify.annotations.NullMarked;
