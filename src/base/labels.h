/* Labels beside points of a picture, none on another. Lengths are pixels, x to the
 * right, y upwards. Pure. */
#ifndef TRM_BASE_LABELS_H
#define TRM_BASE_LABELS_H

#include <stdbool.h>

typedef struct trm__box {
  double x, y, w, h; /* lower left corner; extent */
} trm__box;

typedef struct trm__boxes { /* zero-initialise; free(list) */
  trm__box *list;
  int n;
} trm__boxes;

void trm__boxes_add(trm__boxes *, trm__box);
/** Cover a line with small boxes. */
void trm__boxes_line(trm__boxes *, double x, double y, double to_x, double to_y,
                     double thickness);
bool trm__boxes_hit(const trm__boxes *, trm__box);
bool trm__box_inside(trm__box, trm__box area);

/* What a label keeps clear of. */
typedef struct trm__taken {
  trm__boxes points, labels, leaders; /* always */
  trm__boxes lines;                   /* where that can be */
} trm__taken;

void trm__taken_clear(trm__taken *);

/** Find a place for a box near a point and take it. Of the places that are tried
 * the nearest wins; from a far one a leader goes to the point.
 * \param box its extent; receives its corner
 * \param leader receives the end of the leader, or the point itself: none
 * \return false: there is no place */
bool trm__label_place(double x, double y, trm__box area, trm__taken *,
                      trm__box *box, double leader[2]);

#endif
