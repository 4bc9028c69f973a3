/**
 * Names of sandboxes for their neighbours: who is called what on which network, what a question is
 * answered with, and the server that sends it. Entry types: {@link dev.jctl.shim.dns.NameTable},
 * {@link dev.jctl.shim.dns.NameServer}. {@link dev.jctl.shim.dns.Answers} and {@link
 * dev.jctl.shim.dns.ResolvConf} are pure. Depends on netlink (addresses as values), spec.
 */
@NullMarked
package dev.jctl.shim.dns;

import org.jspecify.annotations.NullMarked;
