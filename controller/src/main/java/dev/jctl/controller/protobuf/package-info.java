/**
 * Kubernetes' protobuf encoding of objects, read as the JSON that it stands for. Entry type: {@link
 * dev.jctl.controller.protobuf.ProtobufObjects}. Depends on Kubernetes' message types and Jackson.
 */
@NullMarked
package dev.jctl.controller.protobuf;

import org.jspecify.annotations.NullMarked;
