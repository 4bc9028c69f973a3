package dev.jctl.shim.local;

import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.OciSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code container.json} of each container. What of it is confidential has a file of its own below
 * the run directory, which is in memory and ends with the boot, as the container does.
 */
final class ContainerRecords {
  private final Places places;
  private final RecordFiles files;

  ContainerRecords(Places places, RecordFiles files) {
    this.places = places;
    this.files = files;
  }

  private record Confidential(List<String> args, List<String> env) {
    private static final Confidential NONE = new Confidential(List.of(), List.of());

    Confidential {
      args = List.copyOf(args);
      env = List.copyOf(env);
    }

    static Confidential of(ContainerSpec spec) {
      return new Confidential(spec.oci().process().args(), spec.oci().process().env());
    }

    ContainerRecord in(ContainerRecord record) {
      OciSpec.Process p = record.spec().oci().process();
      OciSpec.Process process = p.with(p.user(), args, env);
      return record.withSpec(record.spec().withOci(record.spec().oci().withProcess(process)));
    }
  }

  void writeNew(ContainerRecord record) {
    ContainerSpec spec = record.spec();
    if (spec.confidential()) {
      files.writeNew(places.confidentialRecord(spec.id()), Confidential.of(spec));
    }
    files.writeNew(places.containerRecord(spec.id()), onDisk(record));
  }

  /** What is confidential stays as it was. */
  void rewrite(ContainerRecord record) {
    files.write(places.containerRecord(record.spec().id()), onDisk(record));
  }

  private static ContainerRecord onDisk(ContainerRecord record) {
    return record.spec().confidential() ? Confidential.NONE.in(record) : record;
  }

  /** Without its command and environment when the run directory was emptied. */
  Optional<ContainerRecord> read(String id) {
    return files
        .read(places.containerRecord(id), ContainerRecord.class)
        .map(
            record ->
                record.spec().confidential()
                    ? files
                        .read(places.confidentialRecord(id), Confidential.class)
                        .map(confidential -> confidential.in(record))
                        .orElse(record)
                    : record);
  }

  void delete(String id) {
    RecordFiles.delete(places.containerRecord(id));
    RecordFiles.delete(places.confidentialRecord(id));
  }

  /** Removes what belongs to none of these containers. */
  void sweep(Set<String> containers) {
    RecordFiles.entries(places.confidential()).stream()
        .filter(file -> !containers.contains(file.getFileName().toString().replace(".json", "")))
        .forEach(RecordFiles::delete);
  }
}
