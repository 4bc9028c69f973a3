package dev.jctl.images.registry;

import dev.jctl.images.content.BlobWriter;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.reference.ImageReference;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;

/** Registries, anonymously. For many threads. Close to end the client's threads. */
public final class Registry implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final HttpClient client;
  private final ManifestEndpoint manifests;
  private final BlobEndpoint blobs;

  public Registry(RetryPolicy retry) {
    this.client =
        HttpClient.newBuilder()
            // HTTP/2's windows make one large download slower, and several need several connections
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_TIMEOUT)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
    RegistryHttp http = new RegistryHttp(client, retry);
    this.manifests = new ManifestEndpoint(http);
    this.blobs = new BlobEndpoint(http);
  }

  /**
   * @param version tag or digest
   */
  public byte[] manifest(ImageReference image, String version) {
    return manifests.get(image, version);
  }

  /**
   * @param progress bytes as they come; negative when a transfer has to start anew
   */
  public void blob(ImageReference image, Descriptor blob, BlobWriter out, LongConsumer progress) {
    blobs.get(image, blob, out, progress);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
