#include "study/plan/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "study/plan/sizes.h"

/* -- reading --------------------------------------------------------------- */

static trm_status add_mode(const char *word, unsigned *modes,
                           trm__base_error *error) {
  trm__base_nearest nearest = {.typed = word};
  for (int m = 0; m < TRM__MODE_COUNT; m++) {
    if (!strcmp(word, trm__study_mode_name[m])) {
      *modes |= 1u << m;
      return TRM_OK;
    }
    trm__base_nearest_offer(&nearest, trm__study_mode_name[m]);
  }
  return trm__base_error_set(error, TRM_EOPTION,
                             "--mode: unknown mode \"%s\" (choose from strong, "
                             "weak, threads, memory)%s%s%s",
                             word, nearest.word ? "; did you mean " : "",
                             nearest.word ? nearest.word : "",
                             nearest.word ? "?" : "");
}

trm_status trm__study_plan_modes(const char *text, unsigned *modes,
                                 trm__base_error *error) {
  char *copy = trm__base_strdup(text), *rest = copy, *word;
  trm_status status = TRM_OK;
  *modes = 0;
  while (!status && (word = strsep(&rest, ",")))
    status = add_mode(trm__base_text_trim(word), modes, error);
  free(copy);
  return status;
}

static int by_size(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}

static void add_count(trm__study_counts *c, int count) {
  for (int i = 0; i < c->n; i++)
    if (c->count[i] == count) return;
  c->count = trm__base_grow(c->count, (size_t)c->n + 1, sizeof *c->count);
  c->count[c->n++] = count;
  qsort(c->count, (size_t)c->n, sizeof *c->count, by_size);
}

trm_status trm__study_plan_counts(const char *option, const char *text,
                                  int most, trm__study_counts *c,
                                  trm__base_error *error) {
  char *copy = trm__base_strdup(text), *rest = copy, *word, *end;
  while (!error->status && (word = strsep(&rest, ","))) {
    word = trm__base_text_trim(word);
    long count = strtol(word, &end, 10);
    if (!*word || *end || count < 1 || count > most)
      trm__base_error_set(
          error, TRM_EOPTION,
          "%s: \"%s\" is not a count (give counts such as 1,2,4, "
          "each from 1 to %d)",
          option, word, most);
    else
      add_count(c, (int)count);
  }
  free(copy);
  return error->status;
}

/* 1, 2, 4, ... and all. */
static trm__study_counts up_to(int all) {
  trm__study_counts c = {.n = 0};
  for (int count = 1; count < all; count *= 2) add_count(&c, count);
  add_count(&c, all);
  return c;
}

static trm__study_counts just(int count) {
  trm__study_counts c = {.n = 0};
  add_count(&c, count);
  return c;
}

static trm__study_counts copy_of(const trm__study_counts *from) {
  trm__study_counts c = {.n = 0};
  for (int i = 0; i < from->n; i++) add_count(&c, from->count[i]);
  return c;
}

/* -- problems -------------------------------------------------------------- */

static char *size_name(const trm__study_request *a) {
  return a->size ? trm__base_format("%.*s", (int)strcspn(a->size, "="), a->size)
                 : NULL;
}

/* The sizes of --size, else the one of the options. */
static bool read_sizes(const trm__study_request *a, trm__study_problems *to,
                       trm__base_error *error) {
  if (!a->size)
    return trm__study_problem_grown(&a->problem, 1, 1,
                                    trm__study_problems_add(to), error);
  const char *values = strchr(a->size, '=');
  if (!values || values == a->size || !values[1])
    return !trm__base_error_set(
        error, TRM_EOPTION,
        "--size=%s: give an option and its values, such as n=128,256", a->size);
  char *name = size_name(a), *copy = trm__base_strdup(values + 1), *rest = copy;
  char *value;
  bool good = true;
  if (trm__base_options_given(a->problem.command.options, name))
    good = !trm__base_error_set(
        error, TRM_EUSAGE,
        "--size %s: --%s is given as well; give one of the two", a->size, name);
  while (good && (value = strsep(&rest, ",")))
    good =
        trm__study_problem_with(&a->problem, name, trm__base_text_trim(value),
                                trm__study_problems_add(to), error);
  free(name);
  free(copy);
  return good;
}

/* -- configurations -------------------------------------------------------- */

typedef struct draft {
  const trm__study_request *asked;
  trm__study *study;
  trm__base_error *error;
  int series, from; /* of the next configuration; where it began */
  trm__study_rank_work first,
      last; /* of its configurations; updates of a core, not of a
                             rank; 0: not known */
} draft;

/* The share of its busiest rank becomes the draft's last. */
static trm__study_config *add_config(draft *d, trm__study_mode mode, int ranks,
                                     int threads, const trm__study_problem *p) {
  trm__study *s = d->study;
  s->config =
      trm__base_grow(s->config, (size_t)s->configs + 1, sizeof *s->config);
  trm__study_config *c = &s->config[s->configs++];
  char *name = size_name(d->asked);
  int64_t steps = trm__study_problem_steps(p);
  if (!trm__study_problem_work(p, ranks, threads, &d->last))
    d->last.updates = 0;
  d->last.updates /= threads;
  if (c == &s->config[d->from]) d->first = d->last;
  *c = (trm__study_config){
      .mode = mode,
      .series = d->series,
      .ranks = ranks,
      .threads = threads,
      .n_words = p->n,
      .words = trm__base_calloc((size_t)p->n + 1, sizeof(char *)),
      .label = trm__study_problem_label(p, name),
      .work = d->last.updates * (double)(steps > 0 ? steps : 1)};
  for (int i = 0; i < p->n; i++) c->words[i] = trm__base_strdup(p->word[i]);
  free(name);
  return c;
}

/* With the exponent of a step's time that the work of the busiest rank leads to, from
 * the first of the series to the last.
 * \param more of what is varied the last has, over the first */
static void end_series(draft *d, double more) {
  trm__study *s = d->study;
  double exponent = log(d->last.updates / d->first.updates) / log(more);
  for (int i = d->from; i < s->configs; i++)
    s->config[i].expected = isfinite(exponent) ? exponent : NAN;
  d->from = s->configs;
  d->series++;
}

static double range_of(const trm__study_counts *c) {
  return (double)c->count[c->n - 1] / c->count[0];
}

/* Configurations of the same words solve one problem. */
static bool same_words(const trm__study_config *a, const trm__study_config *b) {
  if (a->n_words != b->n_words) return false;
  for (int i = 0; i < a->n_words; i++)
    if (strcmp(a->words[i], b->words[i])) return false;
  return true;
}

static void number_problems(trm__study *s) {
  int n = 0;
  for (int i = 0; i < s->configs; i++) {
    int k = 0;
    while (!same_words(&s->config[k], &s->config[i])) k++;
    s->config[i].problem = k < i ? s->config[k].problem : n++;
  }
}

/* -- strong, threads ------------------------------------------------------- */

static void add_strong(draft *d, const trm__study_problem *p,
                       const trm__study_counts *ranks,
                       const trm__study_counts *threads) {
  for (int t = 0; t < threads->n; t++) {
    for (int r = 0; r < ranks->n; r++)
      add_config(d, TRM__MODE_STRONG, ranks->count[r], threads->count[t], p);
    end_series(d, range_of(ranks));
  }
}

static void add_threads(draft *d, const trm__study_problem *p,
                        const trm__study_counts *threads) {
  for (int t = 0; t < threads->n; t++)
    add_config(d, TRM__MODE_THREADS, 1, threads->count[t], p);
  end_series(d, range_of(threads));
}

/* -- weak ------------------------------------------------------------------ */

/* Why the shares of a grown problem are not those of one core.
 * \param more updates of its busiest core, over those of one core, - 1; NAN: not
 * known */
static char *note_of(const trm__study_problem *grown, const char *label,
                     int cores, double more) {
  if (grown->same_shape && !(fabs(more) >= 1e-3)) return NULL;
  const char *unit = trm__study_problem_unit(grown);
  char *text =
      trm__base_format("%s: blocks of %s differ in shape from that of 1", label,
                       trm__base_text_count(cores, "core").s);
  if (!(fabs(more) >= 1e-3)) return text;
  char *longer =
      trm__base_format("%s; the busiest has %.2g %% %s %ss", text,
                       100 * fabs(more), more > 0 ? "more" : "fewer", unit);
  free(text);
  return longer;
}

static bool must_grow(draft *d, const trm__study_problem *p, int ranks,
                      int threads) {
  trm__study_rank_work one, all;
  trm__study_problem grown;
  if (!trm__study_problem_grows(p))
    return !trm__base_error_set(
        d->error, TRM_EUSAGE,
        "--mode weak: %s has no option that grows with the "
        "ranks; choose another mode",
        p->command.name);
  bool good = trm__study_problem_grown(p, ranks, threads, &grown, d->error);
  if (good && (ranks > 1 || threads > 1) &&
      trm__study_problem_work(p, 1, 1, &one) &&
      trm__study_problem_work(&grown, 1, 1, &all) && all.updates <= one.updates)
    good = !trm__base_error_set(
        d->error, TRM_EUSAGE,
        "--mode weak: %s does not grow with these options; "
        "leave out those that fix its size",
        p->command.name);
  trm__study_problem_clear(&grown);
  return good;
}

static bool add_weak_one(draft *d, const trm__study_problem *p, int ranks,
                         int threads) {
  trm__study_problem grown;
  trm__study_rank_work one;
  bool good = trm__study_problem_grown(p, ranks, threads, &grown, d->error);
  if (good) {
    trm__study_config *c =
        add_config(d, TRM__MODE_WEAK, ranks, threads, &grown);
    bool known = trm__study_problem_work(p, 1, 1, &one) && d->last.updates > 0;
    c->note = note_of(&grown, c->label, ranks * threads,
                      known ? d->last.updates / one.updates - 1 : NAN);
  }
  trm__study_problem_clear(&grown);
  return good;
}

static bool add_weak(draft *d, const trm__study_problem *p,
                     const trm__study_counts *ranks,
                     const trm__study_counts *threads) {
  bool good = must_grow(d, p, ranks->count[ranks->n - 1],
                        threads->count[threads->n - 1]);
  for (int t = 0; good && t < threads->n; t++) {
    for (int r = 0; good && r < ranks->n; r++)
      good = add_weak_one(d, p, ranks->count[r], threads->count[t]);
    end_series(d, range_of(ranks));
  }
  return good;
}

/* -- memory ---------------------------------------------------------------- */

/* As much as fits on the cores, else the least. */
static void choose_shape(const trm__study_request *a,
                         const trm__study_counts *ranks,
                         const trm__study_counts *threads, int *r, int *t) {
  int most = 0;
  *r = ranks->count[0];
  *t = threads->count[0];
  for (int i = 0; i < ranks->n; i++)
    for (int k = 0; k < threads->n; k++) {
      int cores = ranks->count[i] * threads->count[k];
      if (cores > a->cores || cores <= most) continue;
      most = cores;
      *r = ranks->count[i];
      *t = threads->count[k];
    }
}

/* Ranks on the fullest host, where hosts are filled one by one. */
static int ranks_on_host(const trm__study_request *a, int ranks, int threads) {
  int hosts = a->hosts > 1 ? a->hosts : 1, room = a->cores / hosts / threads,
      even = (ranks + hosts - 1) / hosts;
  return room < even ? even : room < ranks ? room : ranks;
}

static bool find_sizes(draft *d, const trm__study_problem *p, int ranks,
                       int threads, trm__study_problems *to, char **note) {
  const trm__study_request *a = d->asked;
  trm__study_rank_work share;
  if (!trm__study_problem_work_sampled(p, ranks, threads, &share) ||
      !trm__study_problem_grows(p))
    return !trm__base_error_set(
        d->error, TRM_EUSAGE,
        "--mode memory: %s does not state how its memory "
        "grows; give --size, such as n=1000,10000,100000",
        p->command.name);
  double memory = 0.4 * (a->memory > 0 ? a->memory : 4e9);
  trm__study_memory room = {
      ranks, threads, memory / ranks_on_host(a, ranks, threads), a->cache};
  return trm__study_sizes_find(p, &room, to, note, d->error);
}

static bool has_words(const trm__study *s, int from,
                      const trm__study_problem *p) {
  trm__study_config c = {.n_words = p->n, .words = p->word};
  for (int i = from; i < s->configs; i++)
    if (same_words(&s->config[i], &c)) return true;
  return false;
}

static bool add_memory(draft *d, const trm__study_problems *given,
                       const trm__study_counts *ranks,
                       const trm__study_counts *threads) {
  trm__study_problems own = {.n = 0};
  const trm__study_problems *sizes = d->asked->size ? given : &own;
  char *note = NULL;
  int r, t;
  choose_shape(d->asked, ranks, threads, &r, &t);
  bool good =
      d->asked->size || find_sizes(d, &d->asked->problem, r, t, &own, &note);
  trm__study_config *last = NULL;
  for (int i = 0; good && i < sizes->n; i++) {
    /* rounded to the same */
    if (has_words(d->study, d->from, &sizes->list[i])) continue;
    last = add_config(d, TRM__MODE_MEMORY, r, t, &sizes->list[i]);
  }
  if (last) last->note = note;
  end_series(d, d->last.resident / d->first.resident);
  trm__study_problems_clear(&own);
  return good;
}

/* -- the whole ------------------------------------------------------------- */

static bool add_all(draft *d, const trm__study_problems *sizes) {
  const trm__study_request *a = d->asked;
  trm__study_counts ranks = a->ranks.n ? copy_of(&a->ranks) : up_to(a->cores),
                    threads = a->threads.n ? copy_of(&a->threads) : just(1),
                    alone =
                        a->threads.n ? copy_of(&a->threads) : up_to(a->cores);
  bool good = true;
  for (int i = 0; i < sizes->n; i++)
    if (a->modes >> TRM__MODE_STRONG & 1)
      add_strong(d, &sizes->list[i], &ranks, &threads);
  for (int i = 0; good && i < sizes->n; i++)
    if (a->modes >> TRM__MODE_WEAK & 1)
      good = add_weak(d, &sizes->list[i], &ranks, &threads);
  for (int i = 0; i < sizes->n; i++)
    if (a->modes >> TRM__MODE_THREADS & 1)
      add_threads(d, &sizes->list[i], &alone);
  if (good && a->modes >> TRM__MODE_MEMORY & 1)
    good = add_memory(d, sizes, &ranks, &threads);
  free(ranks.count);
  free(threads.count);
  free(alone.count);
  return good;
}

/* Threads are those of one rank. */
static bool uses_ranks(const trm__study_request *a, trm__base_error *error) {
  const trm__study_counts *r = &a->ranks;
  if (a->modes != 1u << TRM__MODE_THREADS || !r->n ||
      (r->n == 1 && r->count[0] == 1))
    return true;
  return !trm__base_error_set(
      error, TRM_EUSAGE,
      "--ranks: --mode threads uses one rank; omit --ranks, "
      "or use --mode strong with --threads");
}

trm_status trm__study_plan(const trm__study_request *a, trm__study *s,
                           trm__base_error *error) {
  draft d = {.asked = a, .study = s, .error = error};
  trm__study_problems sizes = {.n = 0};
  if (uses_ranks(a, error) && read_sizes(a, &sizes, error) &&
      add_all(&d, &sizes))
    number_problems(s);
  trm__study_problems_clear(&sizes);
  return error->status;
}

void trm__study_request_clear(trm__study_request *a) {
  if (a->problem.listed) trm__study_problem_clear(&a->problem);
  free(a->ranks.count);
  free(a->threads.count);
  *a = (trm__study_request){.modes = 0};
}

/* -- comparing ------------------------------------------------------------- */

static bool same_config(const trm__study_config *a,
                        const trm__study_config *b) {
  return a->mode == b->mode && a->ranks == b->ranks &&
         a->threads == b->threads && a->series == b->series && same_words(a, b);
}

static char *differing(const char *what, const char *old, const char *new) {
  return trm__base_format("%s %s there, %s here", what, old ? old : "not given",
                          new ? new : "not given");
}

/* Words of a study have the form --NAME=VALUE. */
static const char *word_of(const trm__study_config *c, const char *like) {
  size_t n = strcspn(like, "=");
  for (int i = 0; i < c->n_words; i++)
    if (strcspn(c->words[i], "=") == n && !strncmp(c->words[i], like, n))
      return c->words[i];
  return NULL;
}

/* The first option that two configurations of one text do not share. */
static char *differing_option(const trm__study_config *a,
                              const trm__study_config *b) {
  for (int k = 0; k < 2; k++) {
    const trm__study_config *from = k ? b : a;
    for (int i = 0; i < from->n_words; i++) {
      const char *word = from->words[i];
      const char *old = word_of(a, word), *new = word_of(b, word);
      if (old && new && !strcmp(old, new)) continue;
      char *name = trm__base_format("%.*s", (int)strcspn(word, "="), word);
      char *text = differing(
          name, old ? old + strcspn(old, "=") + !!strchr(old, '=') : NULL,
          new ? new + strcspn(new, "=") + !!strchr(new, '=') : NULL);
      free(name);
      return text;
    }
  }
  return trm__base_strdup("the same points in another order");
}

char *trm__study_plan_difference(const trm__study *old, const trm__study *new) {
  const char *before = old->launcher, *now = new->launcher;
  if (strcmp(old->kernel, new->kernel))
    return differing("kernel", old->kernel, new->kernel);
  if (strcmp(before ? before : "", now ? now : ""))
    return differing("launcher", before, now);
  for (int i = 0; i < old->configs && i < new->configs; i++) {
    if (same_config(&old->config[i], &new->config[i])) continue;
    char *a = trm__study_config_text(&old->config[i]),
         *b = trm__study_config_text(&new->config[i]);
    bool words = !strcmp(a, b);
    char *text = words ? differing_option(&old->config[i], &new->config[i])
                       : trm__base_format("%s there, %s here", a, b);
    free(a);
    free(b);
    return text;
  }
  if (old->configs == new->configs) return NULL;
  return trm__base_format("%d points there, %d here", old->configs,
                          new->configs);
}
