package dev.jctl.shim.netlink;

/**
 * A network interface as the kernel shows it.
 *
 * @param index in its own namespace
 * @param peerIndex the other end's index in its namespace (IFLA_LINK); 0 without one
 * @param master index of the bridge it is a port of; 0 for none
 * @param peerNamespace the kernel's number (nsid) for the peer's namespace; -1 when it is this one
 * @param alias free text that its maker set, or empty
 * @param up administratively
 * @param gso as of {@link RouteRequest.SetGso}
 */
public record Link(
    int index,
    String name,
    String alias,
    boolean up,
    String mac,
    int mtu,
    int gso,
    int master,
    int peerIndex,
    int peerNamespace) {}
