package dev.jctl.controller.git;

import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/** The machine as JGit may see it: without the git settings of a user or of the machine. */
final class IsolatedSystem extends SystemReader.Delegate {
  IsolatedSystem(SystemReader system) {
    super(system);
  }

  @Override
  public FileBasedConfig openUserConfig(@Nullable Config parent, @Nullable FS fs) {
    return new Unstored(parent);
  }

  @Override
  public FileBasedConfig openSystemConfig(@Nullable Config parent, @Nullable FS fs) {
    return new Unstored(parent);
  }

  @Override
  public FileBasedConfig openJGitConfig(@Nullable Config parent, @Nullable FS fs) {
    return new Unstored(parent);
  }

  @Override
  public StoredConfig getUserConfig() {
    return new Unstored(null);
  }

  @Override
  public StoredConfig getSystemConfig() {
    return new Unstored(null);
  }

  @Override
  public StoredConfig getJGitConfig() {
    return new Unstored(null);
  }

  /** Settings that are in no file. */
  private static final class Unstored extends FileBasedConfig {
    @SuppressWarnings("NullAway") // there is no file
    Unstored(@Nullable Config parent) {
      super(parent, null, null);
    }

    @Override
    public void load() {}

    @Override
    public void save() {}

    @Override
    public boolean isOutdated() {
      return false;
    }

    @Override
    public String toString() {
      return "no settings";
    }
  }
}
