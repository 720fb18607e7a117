/* The forms of the laws of scaling. */
#ifndef TRM_STUDY_LAWS_FORM_H
#define TRM_STUDY_LAWS_FORM_H

enum { TRM__LAW_TERMS = 56, TRM__LAW_PARAMETERS = 3 };

/* Seconds as functions of p, with the parameters in braces. Gustafson's speed-up is
 * p - f (p - 1), of p times as much work. USL: Gunther, Guerrilla Capacity Planning,
 * 2007; the normal form: Calotoiu et al., SC13. */
typedef enum trm__study_law_kind {
  TRM__AMDAHL,    /* T1 (f + (1 - f) / p) {T1, f} */
  TRM__GUSTAFSON, /* T1 p / (p - f (p - 1)): weak scaling {T1, f} */
  TRM__USL,       /* T1 (1 + s (p - 1) + k p (p - 1)) / p {T1, s, k} */
  TRM__NORMAL     /* c0 + c1 p^i log2(p)^j {c0, c1}; all parameters >= 0 */
} trm__study_law_kind;

typedef struct
    trm__study_term { /* p^exponent log2(p)^log; {0, 0}: a constant */
  double exponent;
  int log;
} trm__study_term;

#endif
