/* A study in its directory. */
#include "study/plan/study.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/process.h"

#define SCHEMA "trireme.study/1"
#define PLAN   "study.json"
#define LOG    "launches.jsonl"
enum { MOST_PROBLEMS = 1 << 20 }; /* no table of them outgrows the memory */

/* -- out ------------------------------------------------------------------- */

static void put_text(cJSON *to, const char *name, const char *text) {
  if (text)
    cJSON_AddStringToObject(to, name, text);
  else
    cJSON_AddNullToObject(to, name);
}

static void put_copy(cJSON *to, const char *name, const cJSON *item) {
  cJSON_AddItemToObject(to, name,
                        item ? cJSON_Duplicate(item, 1) : cJSON_CreateNull());
}

static cJSON *config_json(const trm__study_config *c) {
  cJSON *json = cJSON_CreateObject();
  put_text(json, "mode", trm__study_mode_name[c->mode]);
  trm__base_json_i64(json, "series", c->series);
  trm__base_json_i64(json, "problem", c->problem);
  trm__base_json_i64(json, "ranks", c->ranks);
  trm__base_json_i64(json, "threads", c->threads);
  cJSON *words = cJSON_AddArrayToObject(json, "words");
  for (int i = 0; i < c->n_words; i++)
    cJSON_AddItemToArray(words, cJSON_CreateString(c->words[i]));
  put_text(json, "label", c->label);
  trm__base_json_f64(json, "work", c->work);
  trm__base_json_f64(json, "expected", c->expected);
  put_text(json, "note", c->note);
  return json;
}

static cJSON *study_json(const trm__study *s) {
  cJSON *json = cJSON_CreateObject();
  put_text(json, "schema", SCHEMA);
  put_text(json, "kernel", s->kernel);
  put_text(json, "launcher", s->launcher);
  put_text(json, "host", s->host);
  put_text(json, "began", s->began);
  trm__base_json_u64(json, "seed", s->seed);
  trm__base_json_f64(json, "target", s->target);
  trm__base_json_f64(json, "budget", s->budget);
  trm__base_json_i64(json, "repeat", s->repeat);
  trm__base_json_f64(json, "timeout", s->timeout);
  trm__base_json_f64(json, "settle", s->settle);
  trm__base_json_i64(json, "cores", s->cores);
  trm__base_json_f64(json, "memory", s->memory);
  trm__base_json_f64(json, "cache", s->cache);
  cJSON *list = cJSON_AddArrayToObject(json, "configs");
  for (int i = 0; i < s->configs; i++)
    cJSON_AddItemToArray(list, config_json(&s->config[i]));
  put_copy(json, "build", s->build);
  put_copy(json, "machine", s->machine);
  return json;
}

static cJSON *launch_json(const trm__study_launch *l) {
  cJSON *json = cJSON_CreateObject();
  trm__base_json_i64(json, "config", l->config);
  trm__base_json_i64(json, "repeat", l->repeat);
  trm__base_json_i64(json, "status", l->status);
  cJSON_AddBoolToObject(json, "late", l->late);
  trm__base_json_f64(json, "wall", l->wall);
  trm__base_json_f64(json, "waited", l->waited);
  trm__base_json_f64(json, "load", l->load);
  trm__base_json_f64(json, "steal", l->steal);
  put_text(json, "began", l->began);
  put_text(json, "last", l->last);
  cJSON_AddBoolToObject(json, "cut", l->cut);
  cJSON_AddItemReferenceToObject(json, "result", l->result);
  if (!l->result) cJSON_AddNullToObject(json, "result");
  return json;
}

/* -- files ----------------------------------------------------------------- */

static bool failed(trm__base_error *error, const char *path) {
  trm__base_error_set(error, TRM_EFILE, "%s: %s", path,
                      strerror(errno ? errno : EIO));
  return false;
}

/* All of it, on the disk; else errno says why not. */
static bool write_all(int file, const char *text) {
  size_t n = strlen(text), done = 0;
  if (trm__base_fault("study")) return false;
  while (done < n) {
    ssize_t written = write(file, text + done, n - done);
    if (written > 0)
      done += (size_t)written;
    else if (errno != EINTR)
      return false;
  }
  return fsync(file) == 0;
}

static bool write_atomic(const char *path, const char *text,
                         trm__base_error *error) {
  trm__base_atomic_file file;
  int failure = trm__base_atomic_file_open(&file, path);
  if (!failure && !write_all(fileno(file.to), text))
    failure = errno ? errno : EIO;
  int later = trm__base_atomic_file_close(&file, !failure);
  errno = failure ? failure : later;
  return !errno || failed(error, path);
}

/* The directory and those above it. */
static bool make_directory(const char *dir, trm__base_error *error) {
  char *path = trm__base_strdup(dir);
  for (char *p = path + 1; *p; p++) {
    if (*p != '/') continue;
    *p = 0;
    mkdir(path, 0777);
    *p = '/';
  }
  struct stat there;
  bool good = (!mkdir(path, 0777) || errno == EEXIST) && !stat(path, &there);
  if (good && !S_ISDIR(there.st_mode)) good = false, errno = ENOTDIR;
  free(path);
  return good || failed(error, dir);
}

bool trm__study_rewrite(const trm__study *s, trm__base_error *error) {
  char *path = trm__base_format("%s/%s", s->dir, PLAN);
  cJSON *json = study_json(s);
  char *text = cJSON_Print(json), *ended = trm__base_format("%s\n", text);
  bool good = write_atomic(path, ended, error);
  free(ended);
  cJSON_free(text);
  cJSON_Delete(json);
  free(path);
  return good;
}

bool trm__study_save(const trm__study *s, trm__base_error *error) {
  if (!make_directory(s->dir, error)) return false;
  char *path = trm__base_format("%s/%s", s->dir, PLAN);
  bool there = access(path, F_OK) == 0;
  free(path);
  if (!there) return trm__study_rewrite(s, error);
  trm__base_error_set(error, TRM_EUSAGE,
                      "%s: already contains a study; choose another directory",
                      s->dir);
  return false;
}

static void keep(trm__study *s, trm__study_launch *l) {
  s->launch =
      trm__base_grow(s->launch, (size_t)s->launches + 1, sizeof *s->launch);
  s->launch[s->launches++] = *l;
  *l = (trm__study_launch){.last = NULL};
}

/* A line that was cut off by a crash stays apart from the next one. */
static bool ends_a_line(int file) {
  char last;
  off_t size = lseek(file, 0, SEEK_END);
  return size <= 0 || pread(file, &last, 1, size - 1) != 1 || last == '\n';
}

bool trm__study_append(trm__study *s, trm__study_launch *l,
                       trm__base_error *error) {
  char *path = trm__base_format("%s/%s", s->dir, LOG);
  cJSON *json = launch_json(l);
  int file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  char *line = trm__base_json_line(json),
       *whole = trm__base_format(
           "%s%s\n", file < 0 || ends_a_line(file) ? "" : "\n", line);
  bool good = file >= 0 && write_all(file, whole);
  if (!good) failed(error, path);
  if (file >= 0 && close(file) && good) good = failed(error, path);
  free(line);
  free(whole);
  free(path);
  cJSON_Delete(json);
  keep(s, l);
  return good;
}

/* -- in -------------------------------------------------------------------- */

/* As a count, from what a file says: anything may stand there. */
static int whole_number(const cJSON *object, const char *name, int otherwise) {
  double value = trm__base_json_f64_at(object, name, otherwise);
  return fabs(value) < 2e9 ? (int)value : otherwise;
}

static char *own_text(const cJSON *object, const char *name) {
  const char *text = cJSON_GetStringValue(trm__base_json_at(object, name));
  return text ? trm__base_strdup(text) : NULL;
}

static bool read_config(const cJSON *json, trm__study_config *c) {
  const char *mode = trm__base_json_text_at(json, "mode");
  const cJSON *words = trm__base_json_at(json, "words"), *word;
  while (c->mode < TRM__MODE_COUNT &&
         strcmp(trm__study_mode_name[c->mode], mode))
    c->mode++;
  c->series = whole_number(json, "series", -1);
  c->problem = whole_number(json, "problem", -1);
  c->ranks = whole_number(json, "ranks", 0);
  c->threads = whole_number(json, "threads", 0);
  c->work = trm__base_json_f64_at(json, "work", 0);
  c->expected = trm__base_json_f64_at(json, "expected", NAN);
  c->label = trm__base_strdup(trm__base_json_text_at(json, "label"));
  c->note = own_text(json, "note");
  c->words =
      trm__base_calloc((size_t)cJSON_GetArraySize(words) + 1, sizeof *c->words);
  cJSON_ArrayForEach(word, words) {
    const char *text = cJSON_GetStringValue(word);
    c->words[c->n_words++] = trm__base_strdup(text ? text : "");
  }
  return c->mode < TRM__MODE_COUNT && c->series >= 0 && c->problem >= 0 &&
         c->problem < MOST_PROBLEMS && c->ranks > 0 && c->threads > 0;
}

static cJSON *own_object(const cJSON *object, const char *name) {
  const cJSON *item = trm__base_json_at(object, name);
  return cJSON_IsObject(item) ? cJSON_Duplicate(item, 1) : NULL;
}

static bool read_study(const cJSON *json, trm__study *s) {
  const cJSON *list = trm__base_json_at(json, "configs"), *item;
  bool good = !strcmp(trm__base_json_text_at(json, "schema"), SCHEMA);
  s->kernel = own_text(json, "kernel");
  s->launcher = own_text(json, "launcher");
  s->host = trm__base_strdup(trm__base_json_text_at(json, "host"));
  snprintf(s->began, sizeof s->began, "%s",
           trm__base_json_text_at(json, "began"));
  s->seed = (uint64_t)trm__base_json_f64_at(json, "seed", 0);
  s->target = trm__base_json_f64_at(json, "target", 0);
  s->budget = trm__base_json_f64_at(json, "budget", 0);
  s->repeat = whole_number(json, "repeat", 0);
  s->cores = whole_number(json, "cores", 0);
  s->timeout = trm__base_json_f64_at(json, "timeout", NAN);
  s->settle = trm__base_json_f64_at(json, "settle", NAN);
  s->memory = trm__base_json_f64_at(json, "memory", 0);
  s->cache = trm__base_json_f64_at(json, "cache", 0);
  s->machine = own_object(json, "machine");
  s->build = own_object(json, "build");
  s->config =
      trm__base_calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *s->config);
  cJSON_ArrayForEach(item, list) good =
      read_config(item, &s->config[s->configs++]) && good;
  return good && s->kernel && s->configs > 0;
}

static void read_launch(trm__study *s, const char *line) {
  cJSON *json = cJSON_Parse(line);
  trm__study_launch l = {.config = whole_number(json, "config", -1),
                         .repeat = whole_number(json, "repeat", 0),
                         .status = whole_number(json, "status", -1),
                         .wall = trm__base_json_f64_at(json, "wall", 0),
                         .waited = trm__base_json_f64_at(json, "waited", 0),
                         .load = trm__base_json_f64_at(json, "load", -1),
                         .steal = trm__base_json_f64_at(json, "steal", -1),
                         .last = own_text(json, "last")};
  l.cut = cJSON_IsTrue(trm__base_json_at(json, "cut"));
  const cJSON *late = trm__base_json_at(json, "late");
  l.late = late ? cJSON_IsTrue(late) : l.status == 124;
  snprintf(l.began, sizeof l.began, "%s",
           trm__base_json_text_at(json, "began"));
  if (cJSON_IsObject(trm__base_json_at(json, "result")))
    l.result = cJSON_DetachItemFromObjectCaseSensitive(json, "result");
  if (l.config >= 0 && l.config < s->configs) {
    keep(s, &l);
  } else {
    free(l.last);
    cJSON_Delete(l.result);
  }
  cJSON_Delete(json);
}

/* NULL and an errno: it cannot be read. */
static char *read_whole(const char *path) {
  FILE *file = fopen(path, "re");
  char *text = NULL;
  size_t room = 0;
  if (!file) return NULL;
  errno = 0;
  if (getdelim(&text, &room, 0, file) < 0) {
    free(text);
    text = errno ? NULL : trm__base_strdup("");
  }
  fclose(file);
  return text;
}

static bool read_launches(trm__study *s, trm__base_error *error) {
  char *path = trm__base_format("%s/%s", s->dir, LOG), *line = NULL;
  FILE *file = fopen(path, "re");
  size_t room = 0;
  bool good = file || errno == ENOENT;
  if (!good) failed(error, path);
  while (file && getline(&line, &room, file) >= 0) read_launch(s, line);
  if (file && ferror(file)) good = failed(error, path);
  if (file) fclose(file);
  free(line);
  free(path);
  return good;
}

bool trm__study_load(const char *dir, trm__study *s, trm__base_error *error) {
  char *path = trm__base_format("%s/%s", dir, PLAN);
  *s = (trm__study){.dir = trm__base_strdup(dir)};
  char *text = read_whole(path);
  int cause = errno;
  cJSON *json = cJSON_Parse(text);
  bool good = read_study(json, s);
  if (!text)
    trm__base_error_set(error, TRM_EINPUT,
                        "%s: %s; expected a directory written by `study -o`",
                        path, strerror(cause));
  else if (!good)
    trm__base_error_set(error, TRM_EINPUT,
                        "%s: not a study (expected schema \"%s\")", path,
                        SCHEMA);
  good = good && read_launches(s, error);
  cJSON_Delete(json);
  free(text);
  free(path);
  if (!good) trm__study_clear(s);
  return good;
}

/* -- launches by configuration --------------------------------------------- */

void trm__study_order(const trm__study *s, int **order, int **start) {
  int *from = trm__base_calloc((size_t)s->configs + 2, sizeof *from);
  *order = trm__base_calloc((size_t)s->launches + 1, sizeof **order);
  for (int i = 0; i < s->launches; i++) from[s->launch[i].config + 2]++;
  for (int c = 2; c < s->configs + 2; c++) from[c] += from[c - 1];
  for (int i = 0; i < s->launches; i++)
    (*order)[from[s->launch[i].config + 1]++] = i;
  *start = from;
}

/* -- the end --------------------------------------------------------------- */

static void clear_config(trm__study_config *c) {
  for (int i = 0; i < c->n_words; i++) free(c->words[i]);
  free(c->words);
  free(c->label);
  free(c->note);
}

void trm__study_clear(trm__study *s) {
  for (int i = 0; i < s->configs; i++) clear_config(&s->config[i]);
  for (int i = 0; i < s->launches; i++) {
    free(s->launch[i].last);
    cJSON_Delete(s->launch[i].result);
  }
  free(s->config);
  free(s->launch);
  free(s->dir);
  free(s->kernel);
  free(s->launcher);
  free(s->host);
  cJSON_Delete(s->machine);
  cJSON_Delete(s->build);
  *s = (trm__study){.dir = NULL};
}
