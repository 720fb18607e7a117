/* The figures of a machine behind its ceilings, stored in results, so that a
 * result can be drawn under its roofs without the machine file. */
#ifndef TRM_HOST_MACHINE_FIGURES_H
#define TRM_HOST_MACHINE_FIGURES_H

#include <cjson/cJSON.h>
#include <trireme/machine.h>

/** {class, file, written, figures {cores, ranks, threads, hosts, read {one,
 * all}, ..., ladder [{bytes, bandwidth}], eager_limit, eager {}, rendezvous
 * {}}}. */
cJSON *trm__host_figures_json(const trm_machine *);

/** Read it back; false: there are none. */
bool trm__host_figures_read(const cJSON *, trm_machine *);

#endif
