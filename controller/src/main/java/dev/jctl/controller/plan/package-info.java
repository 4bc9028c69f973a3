/**
 * What manifests would have the runtime do, as text, without a machine: {@link
 * dev.jctl.controller.plan.SyscallPlan} is pure, {@link dev.jctl.controller.plan.PlanMain} reads
 * the files. Depends on container, image, pod, resources, manifests and the runtime's spec.
 */
@NullMarked
package dev.jctl.controller.plan;

import org.jspecify.annotations.NullMarked;
