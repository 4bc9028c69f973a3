/**
 * The runtime's values as JSON, for the socket and for the disk. Entry type: {@link
 * dev.jctl.shim.json.RuntimeJson}. Depends on spec and the contract's values; the only place that
 * knows how sealed types are told apart.
 */
@NullMarked
package dev.jctl.shim.json;

import org.jspecify.annotations.NullMarked;
