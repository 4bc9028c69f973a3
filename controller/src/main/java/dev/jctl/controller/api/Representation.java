package dev.jctl.controller.api;

/** In which form objects are answered. */
enum Representation {
  OBJECTS,
  TABLE,
  METADATA;

  /** By the first form of the {@code Accept} header that is known here. */
  static Representation of(String accept) {
    for (String part : accept.split(",", -1)) {
      String type = part.replace(" ", "");
      if (type.startsWith("application/json") && type.contains(";as=Table")) {
        return TABLE;
      }
      if (type.startsWith("application/json") && type.contains(";as=PartialObjectMetadata")) {
        return METADATA;
      }
      if (type.equals("application/json")) {
        return OBJECTS;
      }
    }
    return OBJECTS;
  }
}
