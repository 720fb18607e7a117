/* The figures of a machine that ceilings are made of, as results carry them: one
 * can be drawn under its roofs wherever it is read. */
#ifndef TRM_HOST_MACHINE_FIGURES_H
#define TRM_HOST_MACHINE_FIGURES_H

#include <cjson/cJSON.h>
#include <trireme/machine.h>

/** {class, file, written, figures {cores, ranks, threads, hosts, read {one, all},
 * ..., ladder [{bytes, bandwidth}], eager_limit, eager {}, rendezvous {}}}. */
cJSON *trm__host_figures_json(const trm_machine *);

/** Read it back; false: there are none. */
bool trm__host_figures_read(const cJSON *, trm_machine *);

#endif
