/* Labels next to the points of a picture, without overlap. Lengths are pixels,
 * x to the right, y upwards. Pure. */
#ifndef TRM_BASE_LABELS_H
#define TRM_BASE_LABELS_H

#include <stdbool.h>

typedef struct trm__base_box {
  double x, y, w, h; /* lower left corner; size */
} trm__base_box;

typedef struct trm__base_boxes { /* zero-initialise; free(list) */
  trm__base_box *list;
  int n;
} trm__base_boxes;

void trm__base_boxes_add(trm__base_boxes *, trm__base_box);
/** Cover a line with small boxes. */
void trm__base_boxes_line(trm__base_boxes *, double x, double y, double to_x,
                          double to_y, double thickness);
bool trm__base_boxes_hit(const trm__base_boxes *, trm__base_box);
bool trm__base_box_inside(trm__base_box, trm__base_box area);

/* What labels must not overlap. */
typedef struct trm__base_taken {
  trm__base_boxes points, labels, leaders; /* always */
  trm__base_boxes lines;                   /* avoided if possible */
} trm__base_taken;

void trm__base_taken_clear(trm__base_taken *);

/** Find a place for a label near a point and reserve it. The nearest free place
 * wins; a distant label gets a leader to the point.
 * \param box its size; receives its corner
 * \param leader receives the end of the leader, or the point itself: no leader
 * \return false: no free place */
bool trm__base_label_place(double x, double y, trm__base_box area,
                           trm__base_taken *, trm__base_box *box,
                           double leader[2]);

#endif
