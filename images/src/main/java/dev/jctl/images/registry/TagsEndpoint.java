package dev.jctl.images.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code GET /v2/<name>/tags/list}, page by page. OCI distribution spec, "Listing Tags". */
record TagsEndpoint(RegistrySession session) {
  private static final int MAX_BYTES = 4 << 20;
  private static final int MAX_PAGES = 100;
  private static final int MAX_TAGS = 50_000;
  private static final JsonMapper MAPPER = new JsonMapper();

  /** RFC 8288. */
  private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;.*\\brel=\"?next\"?.*");

  private record Page(List<String> tags, Optional<URI> next) {}

  List<String> get(String what) {
    List<String> tags = new ArrayList<>();
    Optional<URI> at = Optional.of(session.repository().of("tags", "list"));
    for (int page = 0; at.isPresent(); page++) {
      if (page == MAX_PAGES || tags.size() > MAX_TAGS) {
        throw new ImageException(Reason.UNSUPPORTED, what + ": more than " + MAX_TAGS + " tags");
      }
      Page got = page(what, at.get());
      tags.addAll(got.tags());
      at = got.next();
    }
    return tags;
  }

  private Page page(String what, URI uri) {
    RegistryRequest request = RegistryRequest.get(uri, Map.of("Accept", "application/json"));
    return session.call(what, Scopes.PULL, () -> request, response -> read(what, uri, response));
  }

  private static Page read(String what, URI uri, HttpResponse<InputStream> response)
      throws IOException {
    JsonNode answer = MAPPER.readTree(response.body().readNBytes(MAX_BYTES));
    List<String> tags = new ArrayList<>();
    answer.path("tags").forEach(tag -> tags.add(tag.asText()));
    Optional<URI> next =
        response
            .headers()
            .firstValue("Link")
            .map(NEXT::matcher)
            .filter(Matcher::matches)
            .map(m -> RegistryHttp.target(what, uri, m.group(1)));
    return new Page(tags, next);
  }
}
