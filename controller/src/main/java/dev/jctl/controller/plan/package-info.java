/**
 * What manifests would do, without doing it. {@link dev.jctl.controller.plan.SetPlan} says what
 * becomes of each object; {@link dev.jctl.controller.plan.SyscallPlan} what a runtime would run, as
 * text, without a machine. Both are pure; {@link dev.jctl.controller.plan.PlanMain} reads files.
 * Depends on container, image, pod, config, resources, merge, manifests and the runtime's spec.
 */
@NullMarked
package dev.jctl.controller.plan;

import org.jspecify.annotations.NullMarked;
