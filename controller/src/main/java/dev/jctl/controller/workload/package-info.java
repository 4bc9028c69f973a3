/**
 * What kinds that make Pods have in common: facts about Pods, templates, owners, conditions. Pure.
 * Entry type: {@link dev.jctl.controller.workload.PodFacts}. Depends on manifests, resources,
 * status.
 */
@NullMarked
package dev.jctl.controller.workload;

import org.jspecify.annotations.NullMarked;
