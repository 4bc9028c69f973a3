package dev.jctl.images;

import java.util.List;
import java.util.stream.Stream;

/**
 * With whose credentials a registry is asked: each in turn until it lets one in; anonymously when
 * there are none.
 *
 * @param remarks what was looked for and could not be used, for the message when it is refused
 */
public record RegistryAuth(List<RegistryCredential> credentials, List<String> remarks) {
  public static final RegistryAuth ANONYMOUS = new RegistryAuth(List.of(), List.of());

  public RegistryAuth {
    credentials = List.copyOf(credentials);
    remarks = List.copyOf(remarks);
  }

  RegistryAuth then(RegistryAuth other) {
    return new RegistryAuth(
        Stream.concat(credentials.stream(), other.credentials.stream()).toList(),
        Stream.concat(remarks.stream(), other.remarks.stream()).toList());
  }
}
