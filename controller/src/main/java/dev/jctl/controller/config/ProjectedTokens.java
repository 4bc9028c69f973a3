package dev.jctl.controller.config;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The tokens that a Pod asks for. Nothing here prints them.
 *
 * @param renewal when the first of them is to be another
 */
public record ProjectedTokens(Map<ProjectedToken, String> texts, Optional<Instant> renewal) {
  public static final ProjectedTokens NONE = new ProjectedTokens(Map.of(), Optional.empty());

  public ProjectedTokens {
    texts = Map.copyOf(texts);
  }

  @Override
  public String toString() {
    return "ProjectedTokens" + texts.keySet();
  }
}
