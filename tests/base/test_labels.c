/* TEST */
/* Labels: none on another, on a point, on a leader, or outside, however crowded. */
#include "check.h"

#include "base/labels.h"

static const trm__base_box area = {0, 0, 800, 600};

static double next(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) / 9007199254740992.0;
}

static bool apart(trm__base_box a, trm__base_box b) {
  return a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y ||
         b.y + b.h <= a.y;
}

/* n points in a square of this size: how many labels found a place? */
static int labelled(int n, double size) {
  enum { MOST = 300 };
  trm__base_box label[MOST];
  double x[MOST], y[MOST];
  trm__base_taken taken = {.points = {0}};
  uint64_t seed = (uint64_t)n;
  int placed = 0;
  for (int i = 0; i < n; i++) {
    x[i] = 400 + (next(&seed) - 0.5) * size;
    y[i] = 300 + (next(&seed) - 0.5) * size;
    trm__base_boxes_add(&taken.points,
                        (trm__base_box){x[i] - 5, y[i] - 5, 10, 10});
  }
  trm__base_boxes_line(&taken.lines, 0, 0, 800, 600, 5);
  for (int i = 0; i < n; i++) {
    trm__base_box box = {0, 0, 40 + 60 * next(&seed), 14};
    double leader[2];
    if (!trm__base_label_place(x[i], y[i], area, &taken, &box, leader))
      continue;
    CHECK(trm__base_box_inside(box, area));
    for (int k = 0; k < n; k++) CHECK(apart(box, taken.points.list[k]));
    for (int k = 0; k < placed; k++) CHECK(apart(box, label[k]));
    label[placed++] = box;
  }
  trm__base_taken_clear(&taken);
  return placed;
}

/* A line is kept clear of where there is room elsewhere. */
static void lines(void) {
  trm__base_taken taken = {.points = {0}};
  trm__base_box box = {0, 0, 60, 14};
  double leader[2];
  trm__base_boxes_line(&taken.lines, 0, 300, 800, 300, 5);
  CHECK(trm__base_label_place(400, 300, area, &taken, &box, leader));
  CHECK(!trm__base_boxes_hit(&taken.lines, box));
  CHECK(leader[0] == 400 && leader[1] == 300); /* near: no leader */
  for (double y = 0; y < 600; y += 4)          /* no room elsewhere */
    trm__base_boxes_line(&taken.lines, 0, y, 800, y, 5);
  CHECK(trm__base_label_place(400, 300, area, &taken, &box, leader));
  trm__base_boxes_add(&taken.points, area);
  CHECK(!trm__base_label_place(400, 300, area, &taken, &box, leader));
  trm__base_taken_clear(&taken);
}

int main(void) {
  CHECK_INT(labelled(1, 0), 1);
  CHECK_INT(labelled(12, 0), 12); /* all on one point */
  CHECK_INT(labelled(40, 400), 40);
  CHECK(labelled(300, 200) > 20); /* the others find no room */
  lines();
  return check_done();
}
