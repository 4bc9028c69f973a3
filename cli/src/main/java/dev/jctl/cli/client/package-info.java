/**
 * The API over HTTP/1.1 on a Unix socket: requests, watches, WebSockets; without {@code
 * java.net.http}, which would cost a command more time than all else it does. Entry type: {@link
 * dev.jctl.cli.client.Api}. Depends on the manifest model's {@code ResourceKind}, its JSON trees
 * and Jackson.
 */
@NullMarked
package dev.jctl.cli.client;

import org.jspecify.annotations.NullMarked;
