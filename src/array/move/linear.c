#include "array/move/linear.h"

#include "array/move/route.h"
#include "comm/run.h"

static trm__array_location location_in(const trm_run *run,
                                       const trm__array_linear *w,
                                       const int64_t n[], const void *buffer) {
  trm__array_location l = {.data = (char *)buffer,
                           .base = -w->first[run->rank]};
  int64_t stride = 1;
  for (int d = TRM_DIMS - 1; d >= 0; d--) {
    l.stride[d] = stride;
    stride *= n[d];
  }
  return l;
}

trm_status trm__array_linear_from_field(trm_run *run, const trm_field *field,
                                        const trm__array_linear *window,
                                        void *buffer) {
  trm__array_side from = {field->layout, NULL}, to = {field->layout, window};
  trm__array_location source = trm__array_location_of(field);
  trm__array_location target =
      location_in(run, window, field->layout->n, buffer);
  return trm__array_move_once(run, &from, &to, field->type, &source, &target);
}

trm_status trm__array_linear_to_field(trm_run *run,
                                      const trm__array_linear *window,
                                      const void *buffer, trm_field *field) {
  trm__array_side from = {field->layout, window}, to = {field->layout, NULL};
  trm__array_location source =
      location_in(run, window, field->layout->n, buffer);
  trm__array_location target = trm__array_location_of(field);
  return trm__array_move_once(run, &from, &to, field->type, &source, &target);
}
