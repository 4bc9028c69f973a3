package dev.jctl.shim.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.shim.spec.OciSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserFilesTest {
  private static final UserFiles FILES =
      UserFiles.parse(
          "root:x:0:0::/root:/bin/sh\n\n# comment\nbroken:x:zz:1::/\nweb:x:101:102::/srv:/bin/sh\n7:x:55:56::/seven:\n",
          "root:x:0:\nweb:x:102:web\nlog:x:7:other,web\nbad\n");

  @ParameterizedTest
  @CsvSource({
    "root, 0, 0, /root",
    "web, 101, 102, /srv",
    "web:log, 101, 7, /srv",
    "web:33, 101, 33, /srv",
    "101, 101, 102, /srv",
    "4711, 4711, 0, /",
    "4711:web, 4711, 102, /",
    // a name that looks like a number is a name
    "7, 55, 56, /seven"
  })
  void findsUserGroupAndHome(String text, int uid, int gid, String home) {
    Launcher.ResolvedUser found = FILES.resolve(text);
    assertThat(found.user().uid()).isEqualTo(uid);
    assertThat(found.user().gid()).isEqualTo(gid);
    assertThat(found.home()).isEqualTo(home);
  }

  @Test
  void addsTheGroupsOfWhichTheUserIsAMemberUnlessOneIsGiven() {
    assertThat(FILES.resolve("web").user())
        .isEqualTo(new OciSpec.User(101, 102, null, List.of(102, 7)));
    assertThat(FILES.resolve("web:log").user().additionalGids()).isEmpty();
    assertThat(FILES.resolve("web:").user()).isEqualTo(new OciSpec.User(101, 102, null, List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nobody", "", "web:nogroup", "99999999999", "-1", "broken"})
  void refusesWhatIsNotThere(String text) {
    assertThatThrownBy(() -> FILES.resolve(text)).hasMessageContaining("of the image");
  }
}
