package dev.jctl.controller.resources;

import dev.jctl.manifests.schema.FieldError;
import java.io.Serial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request that is refused: what a Kubernetes Status carries. */
public final class ApiException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** metav1.StatusReason with its HTTP code. */
  public enum Reason {
    BAD_REQUEST("BadRequest", 400),
    UNAUTHORIZED("Unauthorized", 401),
    FORBIDDEN("Forbidden", 403),
    NOT_FOUND("NotFound", 404),
    METHOD_NOT_ALLOWED("MethodNotAllowed", 405),
    NOT_ACCEPTABLE("NotAcceptable", 406),
    ALREADY_EXISTS("AlreadyExists", 409),
    CONFLICT("Conflict", 409),
    EXPIRED("Expired", 410),
    REQUEST_TOO_LARGE("RequestEntityTooLarge", 413),
    UNSUPPORTED_MEDIA_TYPE("UnsupportedMediaType", 415),
    INVALID("Invalid", 422),
    TOO_MANY_REQUESTS("TooManyRequests", 429),
    INTERNAL_ERROR("InternalError", 500),
    SERVICE_UNAVAILABLE("ServiceUnavailable", 503),
    TIMEOUT("Timeout", 504);

    private final String text;
    private final int code;

    Reason(String text, int code) {
      this.text = text;
      this.code = code;
    }

    public String text() {
      return text;
    }

    public int code() {
      return code;
    }
  }

  /** metav1.StatusCause. */
  public record Cause(String reason, String message, String field) {}

  /** What a Status is about that names no object of ours; texts that do not apply are empty. */
  public record Details(String group, String resource, String name) {
    private String qualified() {
      return group.isEmpty() ? resource : resource + "." + group;
    }
  }

  private final Reason reason;
  private final transient @Nullable ObjectRef ref;
  private final transient @Nullable Details details;
  private final transient List<Cause> causes;

  public ApiException(Reason reason, String message, @Nullable ObjectRef ref, List<Cause> causes) {
    this(reason, message, ref, null, causes);
  }

  private ApiException(
      Reason reason,
      String message,
      @Nullable ObjectRef ref,
      @Nullable Details details,
      List<Cause> causes) {
    super(message);
    this.reason = reason;
    this.ref = ref;
    this.details = details;
    this.causes = List.copyOf(causes);
  }

  /** 403, in kube-apiserver's words: {@code pods "web" is forbidden: why}. */
  public static ApiException forbidden(Details details, String why) {
    String what =
        details.resource().isEmpty()
            ? "forbidden: "
            : details.qualified()
                + (details.name().isEmpty() ? "" : " \"" + details.name() + "\"")
                + " is forbidden: ";
    return new ApiException(Reason.FORBIDDEN, what + why, null, details, List.of());
  }

  public static ApiException notFound(ObjectRef ref) {
    return new ApiException(
        Reason.NOT_FOUND, qualified(ref) + " \"" + ref.name() + "\" not found", ref, List.of());
  }

  public static ApiException alreadyExists(ObjectRef ref) {
    return new ApiException(
        Reason.ALREADY_EXISTS,
        qualified(ref) + " \"" + ref.name() + "\" already exists",
        ref,
        List.of());
  }

  /** Somebody else was faster. */
  static ApiException modified(ObjectRef ref) {
    return conflict(
        ref,
        "the object has been modified; please apply your changes to the latest version and try"
            + " again");
  }

  static ApiException conflict(ObjectRef ref, String why) {
    return new ApiException(
        Reason.CONFLICT,
        "Operation cannot be fulfilled on "
            + ref.kind().plural()
            + " \""
            + ref.name()
            + "\": "
            + why,
        ref,
        List.of());
  }

  public static ApiException badRequest(String message) {
    return new ApiException(Reason.BAD_REQUEST, message, null, List.of());
  }

  /** 406: nothing of what the client takes can be answered. */
  public static ApiException notAcceptable(String message) {
    return new ApiException(Reason.NOT_ACCEPTABLE, message, null, List.of());
  }

  public static ApiException invalid(ObjectRef ref, List<FieldError> errors) {
    Details details = new Details(ref.kind().group(), ref.kind().kind(), ref.name());
    return new ApiException(
        Reason.INVALID, invalidMessage(details, errors), ref, null, causes(errors));
  }

  /** Of what is no object of ours: {@code details} has its kind in the place of the resource. */
  public static ApiException invalid(Details details, List<FieldError> errors) {
    return new ApiException(
        Reason.INVALID, invalidMessage(details, errors), null, details, causes(errors));
  }

  private static String invalidMessage(Details details, List<FieldError> errors) {
    List<String> lines = errors.stream().map(e -> e.path() + ": " + e.message()).toList();
    String all = lines.size() == 1 ? lines.get(0) : "[" + String.join(", ", lines) + "]";
    return details.qualified() + " \"" + details.name() + "\" is invalid: " + all;
  }

  private static List<Cause> causes(List<FieldError> errors) {
    return errors.stream().map(e -> new Cause(e.type().reason(), e.message(), e.path())).toList();
  }

  private static String qualified(ObjectRef ref) {
    return ref.kind().group().isEmpty()
        ? ref.kind().plural()
        : ref.kind().plural() + "." + ref.kind().group();
  }

  public Reason reason() {
    return reason;
  }

  public @Nullable ObjectRef ref() {
    return ref;
  }

  /** Instead of {@link #ref}. */
  public @Nullable Details details() {
    return details;
  }

  public List<Cause> causes() {
    return causes;
  }
}
