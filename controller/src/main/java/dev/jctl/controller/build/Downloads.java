package dev.jctl.controller.build;

import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageStore.StoredImage.Layer;
import dev.jctl.images.build.BuildStep;
import java.util.ArrayList;
import java.util.List;

/** What one ADD takes from web servers, fetched once, and not before something hangs on it. */
final class Downloads {
  private final ImageBuild build;
  private final String what;
  private final List<BuildStep.Download> wanted;
  private final List<ImageBuild.Download> done = new ArrayList<>();

  /**
   * @param what for messages
   */
  Downloads(ImageBuild build, String what, List<BuildStep.Download> wanted) {
    this.build = build;
    this.what = what;
    this.wanted = wanted;
  }

  /** What they are called and what is in them: with a checksum that is known before. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      String known = wanted.get(i).checksum();
      names.add(wanted.get(i).name());
      names.add(known == null ? fetched().get(i).digest() : known);
    }
    return names;
  }

  List<Layer> layers() {
    return fetched().stream().map(ImageBuild.Download::layer).toList();
  }

  List<String> sources() {
    return wanted.stream().map(d -> "/" + ImageBuild.DOWNLOADS + "/" + d.name()).toList();
  }

  private List<ImageBuild.Download> fetched() {
    for (BuildStep.Download one : wanted.subList(done.size(), wanted.size())) {
      done.add(build.download(what + ": " + one.uri(), one.uri(), one.name(), one.checksum()));
    }
    return done;
  }
}
