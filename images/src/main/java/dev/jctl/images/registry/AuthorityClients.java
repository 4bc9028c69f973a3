package dev.jctl.images.registry;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;

/** A client for each file of authorities, made anew when the file has changed. */
final class AuthorityClients implements AutoCloseable {
  private record Known(FileTime time, HttpClient client) {}

  private final ProxySelector proxies;
  private final Map<Path, Known> clients = new HashMap<>();

  AuthorityClients(ProxySelector proxies) {
    this.proxies = proxies;
  }

  synchronized HttpClient of(Path authorities) {
    FileTime time = time(authorities);
    Known known = clients.get(authorities);
    if (known == null || !known.time().equals(time)) {
      // what uses the old one goes on with it
      known = new Known(time, HttpClients.trusting(authorities, proxies));
      clients.put(authorities, known);
    }
    return known.client();
  }

  private static FileTime time(Path authorities) {
    try {
      return Files.getLastModifiedTime(authorities);
    } catch (IOException absent) {
      return FileTime.fromMillis(0); // reading it will say why
    }
  }

  @Override
  public synchronized void close() {
    clients.values().forEach(known -> known.client().shutdownNow());
    clients.clear();
  }
}
