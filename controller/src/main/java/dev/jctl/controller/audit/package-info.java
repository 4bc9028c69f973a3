/**
 * Who changed what, and who was refused: lines of audit.k8s.io/v1 in a file. Entry types: {@link
 * dev.jctl.controller.audit.AuditEvent}, {@link dev.jctl.controller.audit.AuditLog}. Depends on
 * access, rbac.
 */
@NullMarked
package dev.jctl.controller.audit;

import org.jspecify.annotations.NullMarked;
