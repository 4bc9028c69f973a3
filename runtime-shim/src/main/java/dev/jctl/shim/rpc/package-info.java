/**
 * The runtime over a Unix socket: {@link dev.jctl.shim.rpc.RpcServer} serves any {@link
 * dev.jctl.shim.ContainerRuntime}, {@link dev.jctl.shim.rpc.RpcClient} is one. Depends on the
 * contract, spec, json, io.
 */
@NullMarked
package dev.jctl.shim.rpc;

import org.jspecify.annotations.NullMarked;
