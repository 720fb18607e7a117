/* The normal form of Extra-P with one term: T = c0 + c1 p^i log2(p)^j. */
#include "study/laws/normal.h"

#include <math.h>
#include <stdlib.h>

/* The terms that Extra-P tries (A. Calotoiu et al., Using automated performance
 * modeling to find scalability bugs, SC13; source of version 4). */
static const trm__study_term terms[] = {
    {0, 0},
    {0, 1},
    {0, 2},
    {1. / 4, 0},
    {1. / 4, 1},
    {1. / 4, 2},
    {1. / 3, 0},
    {1. / 3, 1},
    {1. / 3, 2},
    {1. / 2, 0},
    {1. / 2, 1},
    {1. / 2, 2},
    {2. / 3, 0},
    {2. / 3, 1},
    {2. / 3, 2},
    {3. / 4, 0},
    {3. / 4, 1},
    {3. / 4, 2},
    {4. / 5, 0},
    {1, 0},
    {1, 1},
    {1, 2},
    {5. / 4, 0},
    {5. / 4, 1},
    {4. / 3, 0},
    {4. / 3, 1},
    {3. / 2, 0},
    {3. / 2, 1},
    {3. / 2, 2},
    {5. / 3, 0},
    {7. / 4, 0},
    {2, 0},
    {2, 1},
    {2, 2},
    {9. / 4, 0},
    {7. / 3, 0},
    {5. / 2, 0},
    {5. / 2, 1},
    {5. / 2, 2},
    {8. / 3, 0},
    {11. / 4, 0},
    {3, 0},
    {3, 1},
    /* strong scaling; log2(1) = 0 forbids negative powers of logarithms */
    {-1. / 4, 0},
    {-1. / 3, 0},
    {-1. / 2, 0},
    {-2. / 3, 0},
    {-3. / 4, 0},
    {-4. / 5, 0},
    {-1, 0},
    {-5. / 4, 0},
    {-4. / 3, 0},
    {-3. / 2, 0},
    {-2, 0}};

_Static_assert(sizeof terms / sizeof *terms <= TRM__LAW_TERMS,
               "there is room for all terms");

static int better(const void *a, const void *b) {
  double x = ((const trm__study_candidate *)a)->error;
  double y = ((const trm__study_candidate *)b)->error;
  return (x > y) - (x < y);
}

/* A term that adds less than 0.05 % anywhere is no term; nor is a constant. */
static void drop_small(const trm__study_fit_data *d, trm__study_candidate *c) {
  double constant = 0, term = 0;
  for (int k = 0; k < d->n; k++) {
    double all = trm__study_form_at(&c->form, c->a, d->p[k]);
    constant = fmax(constant, c->a[0] / all);
    term = fmax(term, 1 - c->a[0] / all);
  }
  if (constant < 5e-4) c->a[0] = 0;
  if (term < 5e-4) c->a[1] = 0;
}

static bool fit_term(const trm__study_fit_data *d, trm__study_term term,
                     trm__study_candidate *c) {
  trm__study_form form = {TRM__NORMAL, term};
  if (!trm__study_candidate_fit(&form, d, c)) return false;
  if (trm__study_form_size(&form) == 1) return true;
  drop_small(d, c);
  return c->a[1] > 0;
}

/* Odds of forms with an unknown variance: residuals^-(freedom / 2). */
static void weigh(int n, trm__study_candidate list[], int points,
                  double floor) {
  double best = -INFINITY, sum = 0;
  for (int i = 0; i < n; i++) {
    int freedom = points - trm__study_form_size(&list[i].form);
    double square = fmax(list[i].square, floor);
    list[i].weight = -0.5 * freedom * log(square) -
                     0.5 * trm__study_form_size(&list[i].form) * log(points);
    best = fmax(best, list[i].weight);
  }
  for (int i = 0; i < n; i++) {
    list[i].weight = exp(list[i].weight - best);
    sum += list[i].weight;
  }
  for (int i = 0; i < n; i++) list[i].weight /= sum;
}

int trm__study_normal_candidates(const trm__study_fit_data *d, bool negative,
                                 double floor,
                                 trm__study_candidate list[TRM__LAW_TERMS]) {
  int n = 0;
  bool logs = true;
  for (int k = 0; k < d->n; k++) logs = logs && d->p[k] >= 1;
  for (size_t t = 0; t < sizeof terms / sizeof *terms; t++) {
    if (terms[t].exponent < 0 && !negative) continue;
    if (terms[t].log && !logs) continue;
    n += fit_term(d, terms[t], &list[n]);
  }
  if (n) qsort(list, (size_t)n, sizeof *list, better);
  weigh(n, list, d->n, floor);
  return n;
}
