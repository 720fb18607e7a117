#include "base/labels.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/memory.h"

void trm__base_boxes_add(trm__base_boxes *boxes, trm__base_box box) {
  size_t n = (size_t)boxes->n;
  if ((n & (n - 1)) == 0)
    boxes->list = trm__base_grow(boxes->list, n ? 2 * n : 1, sizeof box);
  boxes->list[boxes->n++] = box;
}

void trm__base_boxes_line(trm__base_boxes *boxes, double x, double y,
                          double to_x, double to_y, double thickness) {
  double length = hypot(to_x - x, to_y - y);
  int n = (int)ceil(length / thickness) + 1;
  for (int i = 0; i < n; i++) {
    double t = n > 1 ? (double)i / (n - 1) : 0;
    trm__base_boxes_add(
        boxes, (trm__base_box){x + t * (to_x - x) - thickness / 2,
                               y + t * (to_y - y) - thickness / 2, thickness,
                               thickness});
  }
}

void trm__base_taken_clear(trm__base_taken *taken) {
  free(taken->points.list);
  free(taken->labels.list);
  free(taken->leaders.list);
  free(taken->lines.list);
  *taken = (trm__base_taken){.points = {0}};
}

static bool overlap(trm__base_box a, trm__base_box b) {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h &&
         b.y < a.y + a.h;
}

bool trm__base_boxes_hit(const trm__base_boxes *boxes, trm__base_box box) {
  for (int i = 0; i < boxes->n; i++)
    if (overlap(boxes->list[i], box)) return true;
  return false;
}

bool trm__base_box_inside(trm__base_box box, trm__base_box area) {
  return box.x >= area.x && box.y >= area.y &&
         box.x + box.w <= area.x + area.w && box.y + box.h <= area.y + area.h;
}

static const double NEAR = 12, NEARBY = 90, FAR = 240, LEADER = 18;

/* Directions, the most horizontal first: right, left, 15 degrees up to the
 * right... */
enum { DIRECTIONS = 26 };

static double angle_of(int direction) {
  const double pi = 3.14159265358979323846;
  double up = (direction + 2) / 4 * pi / 12; /* 0 0, 15 15 15 15, 30 ... */
  int way = (direction + 2) % 4;
  if (way & 1) up = -up;
  return way & 2 ? up : pi - up;
}

/* Place a box next to a point, with its nearest side or corner at distance
 * `away`. */
static trm__base_box box_near(double x, double y, int direction, double away,
                              trm__base_box box) {
  double angle = angle_of(direction), right = cos(angle), up = sin(angle);
  box.x = x + right * away +
          (right > 0.2    ? 0
           : right < -0.2 ? -1
                          : -0.5) *
              box.w;
  box.y = y + up * away + (up > 0.4 ? 0 : up < -0.4 ? -1 : -0.5) * box.h;
  return box;
}

/* A leader connects the point with the nearest point of a distant box. */
static void find_leader(double x, double y, trm__base_box at,
                        double leader[2]) {
  leader[0] = fmin(fmax(x, at.x), at.x + at.w);
  leader[1] = fmin(fmax(y, at.y), at.y + at.h);
  if (hypot(leader[0] - x, leader[1] - y) >= LEADER) return;
  leader[0] = x;
  leader[1] = y;
}

/* Leaders of coinciding points share their first part, which is left out. */
static void add_leader(trm__base_boxes *boxes, double x, double y,
                       const double leader[2]) {
  double length = hypot(leader[0] - x, leader[1] - y), part = NEAR / length;
  if (!(length > NEAR)) return;
  trm__base_boxes_line(boxes, x + part * (leader[0] - x),
                       y + part * (leader[1] - y), leader[0], leader[1], 2);
}

static bool crosses_labels(double x, double y, const double leader[2],
                           const trm__base_taken *taken) {
  trm__base_boxes line = {0};
  bool hit = false;
  add_leader(&line, x, y, leader);
  for (int i = 0; i < line.n && !hit; i++)
    hit = trm__base_boxes_hit(&taken->labels, line.list[i]);
  free(line.list);
  return hit;
}

/* What a label must not overlap, in addition to points and labels. */
typedef enum avoid { NOTHING, LEADERS, LEADERS_AND_LINES } avoid;

static bool is_free(double x, double y, trm__base_box at,
                    const trm__base_taken *taken, avoid what,
                    double leader[2]) {
  if (trm__base_boxes_hit(&taken->points, at) ||
      trm__base_boxes_hit(&taken->labels, at))
    return false;
  find_leader(x, y, at, leader);
  if (what == LEADERS_AND_LINES && trm__base_boxes_hit(&taken->lines, at))
    return false;
  return what == NOTHING || (!trm__base_boxes_hit(&taken->leaders, at) &&
                             !crosses_labels(x, y, leader, taken));
}

static bool place(double x, double y, trm__base_box area,
                  const trm__base_taken *taken, avoid what, double far,
                  trm__base_box *box, double leader[2]) {
  for (double away = NEAR; away <= far; away *= 1.15)
    for (int direction = 0; direction < DIRECTIONS; direction++) {
      trm__base_box at = box_near(x, y, direction, away, *box);
      if (!trm__base_box_inside(at, area)) continue;
      if (!is_free(x, y, at, taken, what, leader)) continue;
      *box = at;
      return true;
    }
  return false;
}

bool trm__base_label_place(double x, double y, trm__base_box area,
                           trm__base_taken *taken, trm__base_box *box,
                           double leader[2]) {
  if (!place(x, y, area, taken, LEADERS_AND_LINES, NEARBY, box, leader) &&
      !place(x, y, area, taken, LEADERS, NEARBY / 2, box, leader) &&
      !place(x, y, area, taken, LEADERS_AND_LINES, FAR, box, leader) &&
      !place(x, y, area, taken, LEADERS, FAR, box, leader) &&
      !place(x, y, area, taken, NOTHING, FAR, box, leader))
    return false;
  trm__base_boxes_add(&taken->labels, *box);
  add_leader(&taken->leaders, x, y, leader);
  return true;
}
