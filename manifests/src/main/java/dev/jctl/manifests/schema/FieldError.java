package dev.jctl.manifests.schema;

/**
 * One thing wrong with one field.
 *
 * @param path {@code spec.ports[0].containerPort}
 * @param message what is wrong, what was expected, what to do
 */
public record FieldError(String path, Type type, String message) {
  /** As Kubernetes' {@code field.ErrorType}; {@link #reason} is what a Status cause carries. */
  public enum Type {
    UNKNOWN_FIELD("FieldValueInvalid"),
    WRONG_TYPE("FieldValueTypeInvalid"),
    REQUIRED("FieldValueRequired"),
    INVALID("FieldValueInvalid"),
    NOT_SUPPORTED("FieldValueNotSupported"),
    TOO_LONG("FieldValueTooLong"),
    FORBIDDEN("FieldValueForbidden"),
    DUPLICATE("FieldValueDuplicate");

    private final String reason;

    Type(String reason) {
      this.reason = reason;
    }

    public String reason() {
      return reason;
    }
  }
}
