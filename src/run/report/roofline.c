/* The roofline of a run: in its result and in its summary. */
#include "run/report/roofline.h"

#include <math.h>

#include "base/memory.h"
#include "base/program.h"
#include "comm/run.h"
#include "host/machine/figures.h"

void trm__run_roofline_find(trm__run_session *s) {
  s->done = (trm__meter_work_done){
      .work = s->work,
      .stated = s->kernel->work != NULL,
      .seconds = s->step > s->first ? s->seconds.advance : 0,
      .ranks = s->run->ranks,
      .threads = s->run->threads,
      .hosts = s->run->own->hosts};
  s->machine_known = trm_machine_find(&s->machine);
  s->roofline =
      trm__meter_roofline_of(&s->done, s->machine_known ? &s->machine : NULL);
}

/* A wrong answer has no performance. */
static bool has_roofline(const trm__run_session *s) {
  return !s->wrong && s->done.seconds > 0 &&
         (s->done.work.flops > 0 || s->roofline.bytes_per_s > 0);
}

static void add_ceilings(const trm__run_session *s, cJSON *json) {
  const trm__meter_roofline *r = &s->roofline;
  cJSON *list = cJSON_AddArrayToObject(json, "ceilings");
  for (int i = 0; i < r->n; i++) {
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "name", trm__meter_roof_name(r->over[i].roof));
    trm__base_json_f64(o, "rate", r->over[i].rate);
    trm__base_json_f64(o, "seconds", r->over[i].seconds);
    trm__base_json_f64(o, "share", r->over[i].seconds / s->done.seconds);
    cJSON_AddItemToArray(list, o);
  }
}

static void add_roofline(const trm__run_session *s, cJSON *result) {
  const trm__meter_roofline *r = &s->roofline;
  cJSON *json = cJSON_AddObjectToObject(result, "roofline");
  trm__base_json_f64(json, "flops_per_s", r->flops_per_s);
  trm__base_json_f64(json, "bytes_per_s", r->bytes_per_s);
  trm__base_json_f64(json, "intensity",
                     r->bytes_per_s > 0 ? r->intensity : NAN);
  cJSON_AddBoolToObject(json, "single", s->work.single);
  add_ceilings(s, json);
  if (r->binds < 0) {
    cJSON_AddNullToObject(json, "binds");
    cJSON_AddNullToObject(json, "fraction");
    return;
  }
  cJSON_AddStringToObject(json, "binds",
                          trm__meter_roof_name(r->over[r->binds].roof));
  trm__base_json_f64(json, "attainable_seconds", r->seconds);
  trm__base_json_f64(json, "fraction", r->fraction);
}

static cJSON *class_alone(const trm_machine *m) {
  if (!*m->node_class) return cJSON_CreateNull();
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "class", m->node_class);
  cJSON_AddNullToObject(json, "file");
  return json;
}

void trm__run_roofline_add(const trm__run_session *s, cJSON *json) {
  const trm_machine *m = &s->machine;
  if (has_roofline(s))
    add_roofline(s, json);
  else
    cJSON_AddNullToObject(json, "roofline");
  cJSON_AddItemToObject(
      json, "machine",
      s->machine_known ? trm__host_figures_json(m) : class_alone(m));
}

char *trm__run_roofline_say(const trm__run_session *s) {
  if (!has_roofline(s)) return NULL;
  if (!s->machine_known)
    return trm__base_format("no machine file: mpirun ... %s machine",
                            trm__base_program_path());
  const trm__meter_work_done *d = &s->done;
  if (trm__meter_roof_cores(&s->machine, d->ranks, d->threads, d->hosts) >
      trm__meter_roof_measured(&s->machine))
    return trm__base_format(
        "the machine file covers fewer cores: mpirun ... %s machine",
        trm__base_program_path());
  return trm__meter_roofline_sentence(&s->roofline, &s->done);
}
