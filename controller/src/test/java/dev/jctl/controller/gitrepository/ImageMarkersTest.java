package dev.jctl.controller.gitrepository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.gitrepository.ImageMarkers.Marker;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ImageMarkersTest {
  private static final String TEXT =
      """
      spec:
        image: r.test/web:1.0.0 # {"$imagepolicy": "default:web"}
        other: "r.test/web:1.0.0@sha256:a"   # {"$imagepolicy": "default:web"}
        - newTag: 1.0.0 # {"$imagepolicy": "default:web:tag"}
        image: r.test/db:1 # {"$imagepolicy": "default:db"}
        image: r.test/web:1.0.0 # no marker
      """;

  @Test
  void markedLinesGetWhatIsSelectedAndNothingElseChanges() {
    String updated =
        ImageMarkers.updated(
            TEXT,
            marker ->
                marker.name().equals("web")
                    ? Optional.of("r.test/web:1.1.0@sha256:b")
                    : Optional.empty());
    assertThat(updated)
        .isEqualTo(
            """
            spec:
              image: r.test/web:1.1.0 # {"$imagepolicy": "default:web"}
              other: "r.test/web:1.1.0@sha256:b"   # {"$imagepolicy": "default:web"}
              - newTag: 1.1.0 # {"$imagepolicy": "default:web:tag"}
              image: r.test/db:1 # {"$imagepolicy": "default:db"}
              image: r.test/web:1.0.0 # no marker
            """);
    assertThat(ImageMarkers.of(TEXT))
        .isEqualTo(List.of(new Marker("default", "web"), new Marker("default", "db")));
  }
}
