package dev.jctl.controller;

import dev.jctl.controller.access.ApiAddress;
import dev.jctl.controller.access.CertificateAuthority;
import dev.jctl.controller.access.Kubeconfig;
import dev.jctl.controller.access.RemoteAddress;
import dev.jctl.controller.api.ApiServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves Kubernetes clients over TLS. In the data directory: {@code pki/} has the certificate
 * authority and the last address, {@code kubeconfig} is for clients, {@code tokens.csv} may hold
 * bearer tokens.
 */
final class RemoteAccess {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteAccess.class);

  private final ApiServer server;
  private final CertificateAuthority authority;
  private final Path data;
  private final Path remembered;
  private final String machine;
  private final Optional<String> service;
  private final InstantSource clock;

  /**
   * @param service address of the Service {@code kubernetes}, by which containers know the server
   */
  RemoteAccess(
      ApiServer server,
      CertificateAuthority authority,
      Path data,
      String machine,
      Optional<String> service,
      InstantSource clock) {
    this.server = server;
    this.authority = authority;
    this.data = data;
    this.remembered = data.resolve("pki").resolve("address");
    this.machine = machine;
    this.service = service;
    this.clock = clock;
  }

  /**
   * @param wanted empty: as the last time, or on the first free port
   * @return where it listens
   * @throws IOException when a file can't be used, or no address can be listened on
   */
  RemoteAddress open(Optional<RemoteAddress> wanted) throws IOException {
    List<RemoteAddress> candidates =
        wanted.isPresent() ? List.of(wanted.get()) : RemoteAddress.candidates(remembered);
    RemoteAddress address = listen(candidates);
    if (wanted.isEmpty()) {
      address.remember(remembered);
    }
    Kubeconfig.ensure(data.resolve("kubeconfig"), address.forClients(), authority, clock.instant());
    LOG.info("serves Kubernetes clients on {}", address);
    return address;
  }

  private RemoteAddress listen(List<RemoteAddress> candidates) throws IOException {
    // candidates differ in their ports only, and a certificate names no port
    Set<CertificateAuthority.Host> hosts =
        new LinkedHashSet<>(candidates.getFirst().hosts(machine));
    service.map(ApiAddress::hosts).ifPresent(hosts::addAll);
    var keys =
        new ApiServer.TlsKeys(
            authority.issueServer(List.copyOf(hosts), clock.instant()), authority.certificate());
    IllegalStateException last = null;
    for (RemoteAddress candidate : candidates) {
      try {
        server.listenOnTls(candidate, keys);
        return candidate;
      } catch (IllegalStateException e) {
        last = e;
      }
    }
    throw new IOException("cannot listen on " + candidates.getFirst() + " for clients", last);
  }
}
