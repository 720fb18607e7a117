/* The file of a machine: one JSON object. What was not measured is left out. */
#include "host/machine/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"

#define SCHEMA "trireme.machine/1"
enum { FILE_MAX = 64 << 20 };

/* -- out ------------------------------------------------------------------- */

static void put_figure(cJSON *to, const char *name, const trm_figure *f) {
  if (!(f->best > 0)) return;
  cJSON *json = cJSON_AddObjectToObject(to, name);
  trm__base_json_f64(json, "best", f->best);
  trm__base_json_f64(json, "median", f->median);
  trm__base_json_f64(json, "spread", f->spread);
}

static void put_figures(cJSON *to, const trm_figure figure[]) {
  cJSON *json = cJSON_AddObjectToObject(to, "figures");
  for (int i = 0; i < TRM__FIGURE_COUNT; i++)
    put_figure(json, trm__host_figure_rows[i].name, &figure[i]);
}

#define LOGGP(X)  \
  X(latency)      \
  X(overhead)     \
  X(gap)          \
  X(gap_per_byte) \
  X(fit) X(overhead_send) X(overhead_receive) X(message_per_byte) X(message_fit)

static void put_loggp(cJSON *to, const char *name, const trm_loggp *p) {
  if (!(p->to > 0)) return;
  cJSON *json = cJSON_AddObjectToObject(to, name);
#define PUT(member) trm__base_json_f64(json, #member, p->member);
  LOGGP(PUT)
#undef PUT
  trm__base_json_i64(json, "from", p->from);
  trm__base_json_i64(json, "to", p->to);
}

#define NOISE(X) X(quantum) X(mean) X(lost) X(p50) X(p99) X(longest)

static void put_noise(cJSON *to, const trm_machine *m) {
  if (m->clock_resolution > 0) {
    cJSON *json = cJSON_AddObjectToObject(to, "clock");
    trm__base_json_f64(json, "resolution", m->clock_resolution);
    trm__base_json_f64(json, "cost", m->clock_cost);
  }
  if (!(m->noise.quantum > 0)) return;
  cJSON *json = cJSON_AddObjectToObject(to, "noise");
#define PUT(member) trm__base_json_f64(json, #member, m->noise.member);
  NOISE(PUT)
#undef PUT
}

static cJSON *element(cJSON *array) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddItemToArray(array, json);
  return json;
}

static void put_lists(cJSON *to, const trm_machine *m) {
  cJSON *list = cJSON_AddArrayToObject(to, "ladder");
  for (int i = 0; i < m->rungs; i++) {
    cJSON *json = element(list);
    trm__base_json_f64(json, "bytes", m->ladder[i].bytes);
    put_figure(json, "bandwidth", &m->ladder[i].bandwidth);
    put_figure(json, "latency", &m->ladder[i].latency);
  }
  list = cJSON_AddArrayToObject(to, "messages");
  for (int i = 0; i < m->sizes; i++) {
    cJSON *json = element(list);
    trm__base_json_i64(json, "bytes", m->message[i].bytes);
    put_figure(json, "time", &m->message[i].time);
  }
  list = cJSON_AddArrayToObject(to, "collectives");
  for (int i = 0; i < m->collectives; i++) {
    cJSON *json = element(list);
    cJSON_AddStringToObject(json, "name", m->collective[i].name);
    trm__base_json_i64(json, "bytes", m->collective[i].bytes);
    put_figure(json, "time", &m->collective[i].time);
  }
}

static void put_hosts(cJSON *to, const trm__host_machine_file *f) {
  cJSON *list = cJSON_AddArrayToObject(to, "host");
  for (int h = 0; h < f->machine.hosts; h++) {
    cJSON *json = element(list);
    cJSON_AddStringToObject(json, "name", f->host[h].name);
    put_figures(json, f->host[h].figure);
  }
}

#define TEXTS(X)  X(processor) X(mpi) X(written)
#define COUNTS(X) X(cores) X(ranks) X(threads) X(hosts)

cJSON *trm__host_machine_json(const trm__host_machine_file *f) {
  trm_machine m = f->machine;
  trm_figure figure[TRM__FIGURE_COUNT];
  for (int i = 0; i < TRM__FIGURE_COUNT; i++)
    figure[i] = *trm__host_figure_in(&m, i);
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "schema", SCHEMA);
  cJSON_AddStringToObject(json, "class", m.node_class);
#define PUT(member) cJSON_AddStringToObject(json, #member, m.member);
  TEXTS(PUT)
#undef PUT
#define PUT(member) trm__base_json_i64(json, #member, m.member);
  COUNTS(PUT)
#undef PUT
  trm__base_json_f64(json, "memory_bytes", m.memory_bytes);
  put_figures(json, figure);
  trm__base_json_i64(json, "eager_limit", m.eager_limit);
  trm__base_json_i64(json, "buffered_limit", m.buffered_limit);
  trm__base_json_i64(json, "curve_switch", m.curve_switch);
  put_figure(json, "message_rate", &m.message_rate);
  put_loggp(json, "eager", &m.eager);
  put_loggp(json, "rendezvous", &m.rendezvous);
  put_noise(json, &m);
  put_lists(json, &m);
  put_hosts(json, f);
  return json;
}

/* -- in -------------------------------------------------------------------- */

static void text(const cJSON *from, const char *name, char *to, size_t size) {
  snprintf(to, size, "%s", trm__base_json_text_at(from, name));
}

static trm_figure get_figure(const cJSON *from, const char *name) {
  const cJSON *json = trm__base_json_at(from, name);
  return (trm_figure){trm__base_json_f64_at(json, "best", 0),
                      trm__base_json_f64_at(json, "median", 0),
                      trm__base_json_f64_at(json, "spread", 0)};
}

static const cJSON *list_of(const cJSON *from, const char *name, int *n,
                            int most) {
  const cJSON *list = trm__base_json_at(from, name);
  *n = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
  if (*n > most) *n = most;
  return *n ? list->child : NULL;
}

static trm_loggp get_loggp(const cJSON *from, const char *name) {
  const cJSON *json = trm__base_json_at(from, name);
  trm_loggp p = {.from = trm__base_json_i64_at(json, "from", 0),
                 .to = trm__base_json_i64_at(json, "to", 0)};
#define GET(member) p.member = trm__base_json_f64_at(json, #member, 0);
  LOGGP(GET)
#undef GET
  return p;
}

static void get_noise(const cJSON *from, trm_machine *m) {
  const cJSON *json = trm__base_json_at(from, "clock");
  m->clock_resolution = trm__base_json_f64_at(json, "resolution", 0);
  m->clock_cost = trm__base_json_f64_at(json, "cost", 0);
  json = trm__base_json_at(from, "noise");
#define GET(member) m->noise.member = trm__base_json_f64_at(json, #member, 0);
  NOISE(GET)
#undef GET
}

static void get_lists(const cJSON *from, trm_machine *m) {
  const cJSON *e = list_of(from, "ladder", &m->rungs, TRM_LADDER);
  for (int i = 0; i < m->rungs; i++, e = e->next) {
    m->ladder[i].bytes = trm__base_json_f64_at(e, "bytes", 0);
    m->ladder[i].bandwidth = get_figure(e, "bandwidth");
    m->ladder[i].latency = get_figure(e, "latency");
  }
  e = list_of(from, "messages", &m->sizes, TRM_SIZES);
  for (int i = 0; i < m->sizes; i++, e = e->next) {
    m->message[i].bytes = trm__base_json_i64_at(e, "bytes", 0);
    m->message[i].time = get_figure(e, "time");
  }
  e = list_of(from, "collectives", &m->collectives, TRM_COLLECTIVES);
  for (int i = 0; i < m->collectives; i++, e = e->next) {
    text(e, "name", m->collective[i].name, sizeof m->collective[i].name);
    m->collective[i].bytes = trm__base_json_i64_at(e, "bytes", 0);
    m->collective[i].time = get_figure(e, "time");
  }
}

static void get_hosts(const cJSON *from, trm__host_machine_file *f) {
  int n;
  const cJSON *e = list_of(from, "host", &n, 1 << 20);
  f->machine.hosts = n;
  f->host = trm__base_calloc((size_t)n, sizeof *f->host);
  for (int h = 0; h < n; h++, e = e->next) {
    const cJSON *figures = trm__base_json_at(e, "figures");
    text(e, "name", f->host[h].name, sizeof f->host[h].name);
    for (int i = 0; i < TRM__FIGURE_COUNT; i++)
      f->host[h].figure[i] = get_figure(figures, trm__host_figure_rows[i].name);
  }
}

static void get_all(const cJSON *json, trm__host_machine_file *f) {
  trm_machine *m = &f->machine;
  const cJSON *figures = trm__base_json_at(json, "figures");
  text(json, "class", m->node_class, sizeof m->node_class);
#define GET(member) text(json, #member, m->member, sizeof m->member);
  TEXTS(GET)
#undef GET
#define GET(member) m->member = (int)trm__base_json_i64_at(json, #member, 0);
  COUNTS(GET)
#undef GET
  m->memory_bytes = trm__base_json_f64_at(json, "memory_bytes", 0);
  for (int i = 0; i < TRM__FIGURE_COUNT; i++)
    *trm__host_figure_in(m, i) =
        get_figure(figures, trm__host_figure_rows[i].name);
  m->eager_limit = trm__base_json_i64_at(json, "eager_limit", -1);
  m->buffered_limit = trm__base_json_i64_at(json, "buffered_limit", -1);
  m->curve_switch = trm__base_json_i64_at(json, "curve_switch", -1);
  m->message_rate = get_figure(json, "message_rate");
  m->eager = get_loggp(json, "eager");
  m->rendezvous = get_loggp(json, "rendezvous");
  get_noise(json, m);
  get_lists(json, m);
  get_hosts(json, f);
}

static char *read_text(const char *path, trm__base_error *error) {
  FILE *file = fopen(path, "r");
  struct stat what;
  if (!file || fstat(fileno(file), &what) || !S_ISREG(what.st_mode) ||
      what.st_size > FILE_MAX) {
    trm__base_error_set(error, TRM_EINPUT, "%s: %s", path,
                        file ? "not a machine file" : strerror(errno));
    if (file) fclose(file);
    return NULL;
  }
  char *all = trm__base_calloc((size_t)what.st_size + 1, 1);
  size_t n = fread(all, 1, (size_t)what.st_size, file);
  all[n] = 0;
  fclose(file);
  return all;
}

bool trm__host_machine_parse(const cJSON *json, trm__host_machine_file *f) {
  char schema[64];
  *f = (trm__host_machine_file){.host = NULL};
  text(json, "schema", schema, sizeof schema);
  if (strcmp(schema, SCHEMA)) return false;
  get_all(json, f);
  return true;
}

trm_status trm__host_machine_read(const char *path, trm__host_machine_file *f,
                                  trm__base_error *error) {
  char schema[64], *all = read_text(path, error);
  *f = (trm__host_machine_file){.machine = trm__host_machine_unknown()};
  if (!all) return TRM_EINPUT;
  cJSON *json = cJSON_Parse(all);
  trm_status status = TRM_OK;
  text(json, "schema", schema, sizeof schema);
  if (!json)
    status =
        trm__base_error_set(error, TRM_EINPUT,
                            "%s: not JSON, or truncated; give a file written "
                            "by `machine`",
                            path);
  else if (!trm__host_machine_parse(json, f))
    status = trm__base_error_set(error, TRM_EINPUT,
                                 "%s: its schema is \"%s\"; expected " SCHEMA,
                                 path, schema);
  snprintf(f->machine.file, sizeof f->machine.file, "%s", path);
  cJSON_Delete(json);
  free(all);
  return status;
}

void trm__host_machine_clear(trm__host_machine_file *f) {
  free(f->host);
  f->host = NULL;
}

/* -- to the disk ----------------------------------------------------------- */

static trm_status failed(const char *path, int why, trm__base_error *error) {
  return trm__base_error_set(error, TRM_EFILE, "%s: %s", path, strerror(why));
}

void trm__host_machine_make_way(const char *path) {
  char *part = trm__base_strdup(path);
  for (char *p = strchr(part + 1, '/'); p; p = strchr(p + 1, '/')) {
    *p = 0;
    mkdir(part, 0777);
    *p = '/';
  }
  free(part);
}

trm_status trm__host_machine_may_write(const char *path,
                                       trm__base_error *error) {
  trm__base_atomic_file file;
  struct stat what;
  if (!stat(path, &what) && S_ISDIR(what.st_mode))
    return failed(path, EISDIR, error);
  int failure = trm__base_atomic_file_open(&file, path);
  trm__base_atomic_file_close(&file, false);
  return failure ? failed(path, failure, error) : TRM_OK;
}

trm_status trm__host_machine_write(const char *path,
                                   const trm__host_machine_file *f,
                                   trm__base_error *error) {
  trm__base_atomic_file file;
  cJSON *json = trm__host_machine_json(f);
  char *all = cJSON_Print(json);
  int failure = trm__base_atomic_file_open(&file, path);
  if (!all) failure = ENOMEM;
  if (!failure) {
    fprintf(file.to, "%s\n", all);
    if (fflush(file.to) || fsync(fileno(file.to))) failure = errno;
  }
  int later = trm__base_atomic_file_close(&file, !failure);
  if (!failure) failure = later;
  cJSON_free(all);
  cJSON_Delete(json);
  return failure ? failed(path, failure, error) : TRM_OK;
}
