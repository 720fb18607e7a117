#include "study/plan/sizes.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

enum { SIZES = 8, STEPS = 3, MOST_WORK = 20 };

typedef double figure(const trm__study_rank_work *);

static double resident(const trm__study_rank_work *s) {
  return s->resident;
}

static double updates(const trm__study_rank_work *s) {
  return s->updates;
}

/* False where there is no such problem. */
static bool share_at(const trm__study_problem *p, const trm__study_memory *room,
                     double growth, trm__study_rank_work *share) {
  trm__base_error ignored = {TRM_OK, ""};
  trm__study_problem grown;
  bool known = trm__study_problem_scaled(p, growth, &grown, &ignored) &&
               trm__study_problem_work_sampled(&grown, room->ranks,
                                               room->threads, share);
  trm__study_problem_clear(&grown);
  return known;
}

/* The growth at which a figure has a value. */
static double growth_to(const trm__study_problem *p,
                        const trm__study_memory *room, figure *of,
                        double value) {
  double low = -40, high = 40; /* log2 */
  for (int i = 0; i < 60; i++) {
    trm__study_rank_work share;
    double middle = (low + high) / 2;
    if (share_at(p, room, exp2(middle), &share) && of(&share) < value)
      low = middle;
    else
      high = middle;
  }
  return exp2((low + high) / 2);
}

static bool steps_are_free(const trm__study_problem *p) {
  return !trm__base_options_given(p->command.others, "steps") &&
         trm__study_problem_steps(p) >= 1;
}

/* Where the largest size is, for its work, if that grows faster than the memory: a
 * sweep through memory takes no longer than to fill it. */
static double end_for_work(const trm__study_problem *p,
                           const trm__study_memory *room, double end) {
  trm__study_rank_work base, last;
  if (!trm__study_problem_work_sampled(p, room->ranks, room->threads, &base) ||
      !share_at(p, room, end, &last) ||
      last.updates / base.updates < 8 * last.resident / base.resident)
    return end;
  double most = MOST_WORK * base.updates;
  if (steps_are_free(p)) most *= (double)trm__study_problem_steps(p) / STEPS;
  return last.updates <= most ? end : growth_to(p, room, updates, most);
}

static double begin(const trm__study_problem *p, const trm__study_memory *room,
                    double end) {
  trm__study_rank_work least = {.resident = 0};
  share_at(p, room, exp2(-40), &least);
  double from =
      growth_to(p, room, resident,
                fmax(room->cache / 2 * room->threads, 1.5 * least.resident));
  return fmin(from, end / 16);
}

/* Steps so that a run does about as much whatever its size: where the kernel
 * leaves them free, and the user did. */
static bool balance_steps(const trm__study_problem *one,
                          trm__study_problem *grown,
                          const trm__study_memory *room,
                          trm__base_error *error) {
  trm__study_rank_work a, b;
  double steps = (double)trm__study_problem_steps(one);
  if (!steps_are_free(one) ||
      steps != (double)trm__study_problem_steps(grown) ||
      !trm__study_problem_work_sampled(one, room->ranks, room->threads, &a) ||
      !trm__study_problem_work_sampled(grown, room->ranks, room->threads, &b))
    return true;
  double want = fmax(round(steps * a.updates / b.updates), STEPS);
  char *text = trm__base_format("%.0f", fmin(want, 1000 * steps));
  trm__study_problem counted;
  bool good = trm__study_problem_with(grown, "steps", text, &counted, error);
  free(text);
  trm__study_problem_clear(grown);
  *grown = counted;
  return good;
}

static char *note_of(const trm__study_problem *last) {
  char *label = trm__study_problem_label(last, NULL),
       *text = trm__base_format(
           "sizes end at %s, with %d times the work of the given run: work "
           "grows faster than memory",
           label, MOST_WORK);
  free(label);
  return text;
}

bool trm__study_sizes_find(const trm__study_problem *p,
                           const trm__study_memory *room,
                           trm__study_problems *to, char **note,
                           trm__base_error *error) {
  double all = growth_to(p, room, resident, room->memory),
         end = end_for_work(p, room, all), from = begin(p, room, end);
  bool good = true;
  for (int i = 0; good && i < SIZES; i++) {
    double growth = from * pow(end / from, i / (SIZES - 1.0));
    trm__study_problem *grown = trm__study_problems_add(to);
    good = trm__study_problem_scaled(p, growth, grown, error) &&
           balance_steps(p, grown, room, error);
  }
  *note = good && end < all ? note_of(&to->list[to->n - 1]) : NULL;
  return good;
}
