package dev.jctl.shim.netlink;

/** An address on the interface with that index. */
public record Address(int linkIndex, Cidr cidr) {}
