package dev.jctl.manifests.model;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What the schema says of a record's component beside its type. A component that is not
 * {@code @Nullable} and has no default is required.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Field {
  /** One sentence for a user. */
  String doc();

  /** All values it may have; none: any. */
  String[] allowed() default {};

  /** JSON; empty: no default. */
  String defaultValue() default "";

  /** Inclusive. */
  long min() default Long.MIN_VALUE;

  /** Inclusive. */
  long max() default Long.MAX_VALUE;

  /** The type of a text: {@code date-time}, else plain. */
  String format() default "";

  /** For a list: the fields that identify an item. */
  String[] mapKeys() default {};

  /** For a list: whether each item is there once, in no order. */
  boolean set() default false;
}
