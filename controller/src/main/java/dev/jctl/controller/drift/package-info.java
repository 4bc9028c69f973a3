/**
 * What others change on the machine of what is declared: how it is listed in a status, who is to
 * list it, and whose is only listed. Entry type: {@link dev.jctl.controller.drift.DriftNotes}.
 * Depends on manifests, resources, status, watch, sets, workload.
 */
@NullMarked
package dev.jctl.controller.drift;

import org.jspecify.annotations.NullMarked;
