/**
 * The API over HTTP/1.1 on a Unix socket: requests, watches, WebSockets; JSON as trees without data
 * binding, because {@code java.net.http} and an {@code ObjectMapper} would each cost a command more
 * time than all else it does. Entry type: {@link dev.jctl.cli.client.Api}. Depends on the manifest
 * model's {@code ResourceKind} and Jackson.
 */
@NullMarked
package dev.jctl.cli.client;

import org.jspecify.annotations.NullMarked;
