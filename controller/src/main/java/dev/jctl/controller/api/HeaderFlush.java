package dev.jctl.controller.api;

import io.helidon.common.GenericType;
import io.helidon.common.media.type.MediaType;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http.spi.Sink;
import io.helidon.webserver.http.spi.SinkProvider;
import io.helidon.webserver.http.spi.SinkProviderContext;
import java.util.function.BiConsumer;

/**
 * Sends the head of an answer before there is any of its body: who watches waits for it. The web
 * server offers that to sinks only, which it looks up as services.
 */
@SuppressWarnings("TypeParameterUnusedInFormals") // as the interface has it
public final class HeaderFlush implements SinkProvider<Void> {
  private static final GenericType<Flushed> TYPE = GenericType.create(Flushed.class);

  /**
   * Nothing is ever emitted: making it was all.
   *
   * @param connection that the head went over
   * @param end of the body
   */
  record Flushed(ConnectionContext connection, Runnable end) implements Sink<Void> {
    @Override
    public Sink<Void> emit(Void event) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
      end.run();
    }
  }

  /** For a response whose output stream was taken. */
  static Flushed of(ServerResponse response) {
    return response.sink(TYPE);
  }

  @Override
  public boolean supports(GenericType<? extends Sink<?>> type, ServerRequest request) {
    return type.equals(TYPE);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <X extends Sink<Void>> X create(SinkProviderContext context) {
    context.flushHeaders();
    return (X) new Flushed(context.connectionContext(), context.closeRunnable());
  }

  /**
   * @deprecated by the web server, and not called by it
   */
  @Override
  @Deprecated
  @SuppressWarnings("removal")
  public <X extends Sink<Void>> X create(
      ServerResponse response, BiConsumer<Object, MediaType> consumer, Runnable close) {
    throw new UnsupportedOperationException();
  }
}
