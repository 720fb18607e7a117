#include "study/plan/problem.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <trireme/kernel.h>

#include "base/memory.h"
#include "run/setup/asked.h"

const trm_option *trm__study_kernel_options(const trm_listed *kernels,
                                            const char *name) {
  for (const trm_listed *k = kernels; k && k->name; k++)
    if (!strcmp(k->name, name)) return k->kernel->options;
  return NULL;
}

static void add_word(trm__study_problem *p, char *word) {
  p->word = trm__base_grow(p->word, (size_t)p->n + 2, sizeof *p->word);
  p->word[p->n++] = word;
  p->word[p->n] = NULL;
}

static bool read_words(trm__study_problem *p, trm__base_error *error) {
  trm__run_command_options(&p->command, p->listed);
  return !trm__base_options_args(p->command.options, p->n, p->word, error);
}

bool trm__study_problem_read(const trm_listed *listed, int n,
                             char *const word[], trm__study_problem *p,
                             trm__base_error *error) {
  *p = (trm__study_problem){.listed = listed};
  for (int i = 0; i < n; i++) add_word(p, trm__base_strdup(word[i]));
  return read_words(p, error);
}

void trm__study_problem_clear(trm__study_problem *p) {
  for (int i = 0; i < p->n; i++) free(p->word[i]);
  free(p->word);
  trm__run_command_clear(&p->command);
  *p = (trm__study_problem){.listed = NULL};
}

trm__study_problem *trm__study_problems_add(trm__study_problems *p) {
  p->list = trm__base_grow(p->list, (size_t)p->n + 1, sizeof *p->list);
  p->list[p->n] = (trm__study_problem){.n = 0};
  return &p->list[p->n++];
}

void trm__study_problems_clear(trm__study_problems *p) {
  for (int i = 0; i < p->n; i++) trm__study_problem_clear(&p->list[i]);
  free(p->list);
  *p = (trm__study_problems){.n = 0};
}

/* Is a word "--name=..." of this option? */
static bool names(const char *word, const char *name) {
  size_t n = strcspn(word, "=");
  char *own = trm__base_format("%.*s", (int)(n - 2), word + 2);
  bool same = trm__base_text_same_name(own, name);
  free(own);
  return same;
}

static void set_word(trm__study_problem *p, const char *name,
                     const char *value) {
  trm_option row = {.name = name};
  char *word =
      trm__base_format("--%s=%s", trm__base_option_name(&row).s, value);
  for (int i = 0; i < p->n; i++)
    if (names(p->word[i], name)) {
      free(p->word[i]);
      p->word[i] = word;
      return;
    }
  add_word(p, word);
}

static void copy_words(const trm__study_problem *from, trm__study_problem *to) {
  *to = (trm__study_problem){.listed = from->listed};
  for (int i = 0; i < from->n; i++)
    add_word(to, trm__base_strdup(from->word[i]));
}

bool trm__study_problem_with(const trm__study_problem *p, const char *name,
                             const char *value, trm__study_problem *to,
                             trm__base_error *error) {
  copy_words(p, to);
  set_word(to, name, value);
  return read_words(to, error);
}

const char *trm__study_problem_unit(const trm__study_problem *p) {
  return trm__run_command_unit(p->command.kernel);
}

/* -- options that grow ----------------------------------------------------- */

static bool is_whole(const trm_option *row) {
  return row->type == TRM_I32 || row->type == TRM_I64 || row->type == TRM_U64;
}

/* A text or a choice does not grow, whatever its row says. */
static bool grows(const trm_option *row) {
  return row->weak != 0 && !row->choices &&
         (is_whole(row) || row->type == TRM_F64);
}

static double number_of(const trm__study_problem *p, const trm_option *row) {
  char *text = trm__base_value_text(row, p->command.options->values);
  double value = strtod(text, NULL);
  free(text);
  return value;
}

bool trm__study_problem_grows(const trm__study_problem *p) {
  const trm__base_options *o = p->command.options;
  for (int i = 0; i < o->n; i++)
    if (grows(&o->table[i])) return true;
  return false;
}

static void set_number(trm__study_problem *p, const trm_option *row,
                       double value) {
  char *text = is_whole(row) ? trm__base_format("%.0f", round(value))
                             : trm__base_strdup(trm__base_text_f64(value).s);
  set_word(p, row->name, text);
  free(text);
}

/* -- sides ----------------------------------------------------------------- */

typedef struct grid_sides { /* the sides that there are, slowest first */
  int dims;
  const trm_option *side[TRM_DIMS];
  bool given[TRM_DIMS]; /* else the value of the row that names them */
  int64_t n[TRM_DIMS];
} grid_sides;

static const trm_option *row_named(const trm__base_options *o,
                                   const char *name) {
  for (int i = 0; i < o->n; i++)
    if (trm__base_text_same_name(o->table[i].name, name)) return &o->table[i];
  return NULL;
}

static grid_sides grid_of(const trm__study_problem *p, const trm_option *row) {
  grid_sides g = {.dims = 0};
  char *copy = trm__base_strdup(row->sides ? row->sides : ""), *rest = copy,
       *name;
  while ((name = strsep(&rest, " ")) && g.dims < TRM_DIMS) {
    const trm_option *side = row_named(p->command.options, name);
    double n = side ? number_of(p, side) : -1;
    if (n < 0) continue;
    g.side[g.dims] = side;
    g.given[g.dims] = n > 0;
    g.n[g.dims++] = (int64_t)(n > 0 ? n : number_of(p, row));
  }
  free(copy);
  return g;
}

typedef struct cut {    /* of a grid that is made of equal shares */
  const int64_t *share; /* sides of one */
  int dims, ranks;
  int places[TRM_DIMS], best[TRM_DIMS];
  double surface; /* of the best; infinite: there is none yet */
} cut;

static double surface_of(const cut *c) {
  double all = 1, sum = 0;
  for (int d = 0; d < c->dims; d++) all *= (double)c->share[d] * c->places[d];
  for (int d = 0; d < c->dims; d++)
    sum += all / ((double)c->share[d] * c->places[d]);
  return sum;
}

/* Would a run divide the grid into these numbers of blocks along each side? As
 * trm_grid cuts where the halo is one cell. */
static bool comes_back(const cut *c) {
  static const int thin[TRM_DIMS] = {1, 1, 1, 1}, fixed[TRM_DIMS] = {0};
  int64_t n[TRM_DIMS];
  int places[TRM_DIMS];
  for (int d = 0; d < c->dims; d++) n[d] = c->share[d] * c->places[d];
  trm_grid_choose(c->ranks, c->dims, n, thin, fixed, places);
  return !memcmp(places, c->places, sizeof *places * (size_t)c->dims);
}

/* All ways to place the ranks that are left along the sides from d on. */
static void try_places(cut *c, int d, int left) {
  bool last = d + 1 == c->dims;
  for (int places = left; places >= (last ? left : 1); places--) {
    if (left % places) continue;
    c->places[d] = places;
    if (!last) {
      try_places(c, d + 1, left / places);
      continue;
    }
    double surface = surface_of(c);
    if (surface >= c->surface * (1 - 1e-9) || !comes_back(c)) continue;
    c->surface = surface;
    memcpy(c->best, c->places, sizeof c->best);
  }
}

static void set_sides(const trm__study_problem *p, const trm_option *row,
                      const grid_sides *g, const int64_t times[],
                      trm__study_problem *to) {
  bool even = true;
  for (int d = 1; d < g->dims; d++) even = even && times[d] == times[0];
  if (even) set_number(to, row, number_of(p, row) * (double)times[0]);
  for (int d = 0; d < g->dims; d++)
    if (even ? g->given[d] : times[d] > 1)
      set_number(to, g->side[d], (double)(g->n[d] * times[d]));
}

/* As many shares of the grid along each side as a run then cuts it into; of all ways
 * to do so that of the least surface. The share of a rank is that of as many cores as
 * it has threads, along the slowest side, which is the one that threads divide.
 * \return false: there is no such way */
static bool grow_sides(const trm__study_problem *p, const trm_option *row,
                       int ranks, int threads, trm__study_problem *to) {
  grid_sides g = grid_of(p, row);
  if (g.dims < 1) return false;
  int64_t share[TRM_DIMS], times[TRM_DIMS];
  memcpy(share, g.n, sizeof share);
  share[0] *= threads;
  cut c = {share, g.dims, ranks, {0}, {0}, INFINITY};
  try_places(&c, 0, ranks);
  if (!(c.surface < INFINITY)) return false;
  for (int d = 0; d < g.dims; d++) times[d] = c.best[d];
  times[0] *= threads;
  set_sides(p, row, &g, times, to);
  return true;
}

/* -- growing --------------------------------------------------------------- */

static double within(const trm_option *row, double value) {
  return row->min < row->max ? fmin(fmax(value, row->min), row->max) : value;
}

bool trm__study_problem_scaled(const trm__study_problem *p, double growth,
                               trm__study_problem *to, trm__base_error *error) {
  const trm__base_options *o = p->command.options;
  copy_words(p, to);
  for (int i = 0; i < o->n && growth != 1; i++) {
    const trm_option *row = &o->table[i];
    if (!grows(row)) continue;
    grid_sides g = grid_of(p, row);
    double factor = pow(growth, g.dims > 0 ? 1. / g.dims : row->weak);
    set_number(to, row, within(row, number_of(p, row) * factor));
    for (int d = 0; d < g.dims; d++)
      if (g.given[d])
        set_number(to, g.side[d], within(g.side[d], (double)g.n[d] * factor));
  }
  return read_words(to, error);
}

bool trm__study_problem_grown(const trm__study_problem *p, int ranks,
                              int threads, trm__study_problem *to,
                              trm__base_error *error) {
  const trm__base_options *o = p->command.options;
  double cores = (double)ranks * threads;
  copy_words(p, to);
  to->same_shape = true;
  for (int i = 0; i < o->n && cores > 1; i++) {
    const trm_option *row = &o->table[i];
    if (!grows(row)) continue;
    if (row->sides && grow_sides(p, row, ranks, threads, to)) continue;
    double factor = pow(cores, row->weak);
    if (row->sides || fabs(factor - round(factor)) > 1e-9)
      to->same_shape = false;
    set_number(to, row, number_of(p, row) * factor);
  }
  return read_words(to, error);
}

/* Is it shown: it grows, has that name, or is a side that is given? */
static bool is_shown(const trm__study_problem *p, const trm_option *row,
                     const char *name) {
  const trm__base_options *o = p->command.options;
  if (grows(row) || (name && trm__base_text_same_name(row->name, name)))
    return true;
  for (int i = 0; i < o->n; i++) {
    grid_sides g = grid_of(p, &o->table[i]);
    for (int d = 0; d < g.dims; d++)
      if (g.side[d] == row && g.given[d]) return true;
  }
  return false;
}

char *trm__study_problem_label(const trm__study_problem *p, const char *name) {
  const trm__base_options *o = p->command.options;
  char *label = trm__base_strdup("");
  for (int i = 0; i < o->n; i++) {
    const trm_option *row = &o->table[i];
    if (!is_shown(p, row, name)) continue;
    char *text = trm__base_value_text(row, o->values);
    char *longer = trm__base_format("%s%s%s=%s", label, *label ? " " : "",
                                    trm__base_option_name(row).s, text);
    free(label);
    free(text);
    label = longer;
  }
  return label;
}

/* -- work ------------------------------------------------------------------ */

int64_t trm__study_problem_steps(const trm__study_problem *p) {
  return trm__run_command_steps(&p->command);
}

/* Where a kernel completes its options from a file, one that is named may decide
 * the sizes. */
static bool is_complete(const trm__study_problem *p) {
  const trm__base_options *o = p->command.options;
  if (!p->listed->kernel->resolve) return true;
  for (int i = 0; i < o->n; i++) {
    const trm_option *row = &o->table[i];
    if (row->type != TRM_TEXT || row->choices) continue;
    char *text = trm__base_value_text(row, o->values);
    bool named = *text && strpbrk(text, "./");
    free(text);
    if (named) return false;
  }
  return true;
}

/* So many ranks are asked for their work where not all are. */
enum { SOME = 512, FEW = 16 };

/* The largest of those asked. */
static bool share_of(const trm__study_problem *p, trm_span span, int n,
                     const trm__array_rank_class asked[],
                     trm__study_rank_work *share) {
  const trm_kernel *kernel = p->listed->kernel;
  span.steps = trm__study_problem_steps(p);
  if (span.steps < 1) span.steps = 1;
  for (int i = 0; i < n; i++) {
    trm_work work = {.updates = 0};
    span.rank = asked[i].rank;
    kernel->work(p->command.options->values, &span, &work);
    share->updates = fmax(share->updates, work.updates / (double)span.steps);
    share->resident = fmax(share->resident, work.resident_bytes);
  }
  return share->updates > 0;
}

static bool has_share(const trm__study_problem *p,
                      trm__study_rank_work *share) {
  *share = (trm__study_rank_work){.updates = 0};
  return p->listed->kernel->work && is_complete(p);
}

bool trm__study_problem_work(const trm__study_problem *p, int ranks,
                             int threads, trm__study_rank_work *share) {
  trm__array_rank_class *asked;
  trm_span span = {.ranks = ranks, .threads = threads};
  if (!has_share(p, share)) return false;
  int n = trm__run_asked_ranks(p->listed->kernel, p->command.options->values,
                               ranks, SOME, &asked);
  bool known = share_of(p, span, n, asked, share);
  free(asked);
  return known;
}

bool trm__study_problem_work_sampled(const trm__study_problem *p, int ranks,
                                     int threads, trm__study_rank_work *share) {
  trm__array_rank_class *asked;
  trm_span span = {.ranks = ranks, .threads = threads};
  if (!has_share(p, share)) return false;
  int n = trm__run_asked_sample(ranks, FEW, &asked);
  bool known = share_of(p, span, n, asked, share);
  free(asked);
  return known;
}
