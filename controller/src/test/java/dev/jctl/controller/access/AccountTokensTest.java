package dev.jctl.controller.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.controller.access.AccountTokens.Bound;
import dev.jctl.controller.access.AccountTokens.Wanted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccountTokensTest {
  private static final Bound BOT = new Bound("ServiceAccount", "tools", "bot", "u1");
  private static final Bound POD = new Bound("Pod", "tools", "p", "u2");

  @TempDir Path directory;
  private final Set<Bound> present = new HashSet<>(Set.of(BOT, POD));
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private AccountTokens tokens;

  @BeforeEach
  void open() throws IOException {
    tokens = AccountTokens.open(directory, () -> now, present::contains);
  }

  private String token(List<String> audiences, @Nullable Bound to) {
    return tokens.issue(new Wanted(BOT, audiences, Duration.ofMinutes(10), to)).token();
  }

  @Test
  void aTokenIsItsAccount() {
    assertThat(tokens.identity(token(List.of(), null)))
        .contains(
            new Identity(
                "system:serviceaccount:tools:bot",
                "u1",
                List.of(
                    "system:serviceaccounts",
                    "system:serviceaccounts:tools",
                    "system:authenticated")));
  }

  @Test
  void aTokenEndsWithItsTimeAndWithWhatItIsBoundTo() {
    String plain = token(List.of(), null);
    String ofPod = token(List.of(), POD);
    assertThat(tokens.identity(ofPod)).isPresent();
    present.remove(POD);
    assertThat(tokens.identity(ofPod)).isEmpty();
    assertThat(tokens.identity(plain)).isPresent();
    now = now.plusSeconds(600);
    assertThat(tokens.identity(plain)).isEmpty();
    now = now.minusSeconds(600);
    present.remove(BOT);
    present.add(new Bound("ServiceAccount", "tools", "bot", "another of that name"));
    assertThat(tokens.identity(plain)).isEmpty();
  }

  @Test
  void aTokenForOthersIsNotForUs() {
    assertThat(tokens.identity(token(List.of("vault"), null))).isEmpty();
    assertThat(tokens.identity(token(List.of("vault", AccountTokens.ISSUER), null))).isPresent();
  }

  @Test
  void whatWeDidNotSignIsNoToken() throws IOException {
    String[] parts = token(List.of(), null).split("\\.", -1);
    String claims =
        new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8)
            .replace("\"bot\"", "\"boss\"");
    String forged =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(claims.getBytes(StandardCharsets.UTF_8));
    present.add(new Bound("ServiceAccount", "tools", "boss", "u1"));
    String none =
        Base64.getUrlEncoder()
            .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
    for (String wrong :
        List.of(
            parts[0] + "." + forged + "." + parts[2],
            none + "." + forged + ".",
            none + "." + forged + "." + "A".repeat(86),
            parts[0] + "." + parts[1] + ".!",
            "..",
            "a.b.c",
            "")) {
      assertThat(tokens.identity(wrong)).as(wrong).isEqualTo(Optional.empty());
    }
    AccountTokens other =
        AccountTokens.open(directory.resolve("other"), () -> now, present::contains);
    assertThat(other.identity(token(List.of(), null))).isEmpty();
  }

  @Test
  void theKeyStaysAndIsForItsOwnerOnly() throws IOException {
    String token = token(List.of(), null);
    assertThat(AccountTokens.open(directory, () -> now, present::contains).identity(token))
        .isPresent();
    Path key = directory.resolve("sa.key");
    assertThat(Files.getPosixFilePermissions(key))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    Files.writeString(key, "nonsense");
    assertThatThrownBy(() -> AccountTokens.open(directory, () -> now, present::contains))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("sa.key");
  }
}
