#include "array/state.h"

#include <stdlib.h>

#include "comm/run.h"

static void drop(trm_run *run, void *what) {
  trm__array_state *state = what;
  for (int i = 0; i < state->nkept; i++) free((char *)state->kept[i].name);
  free(state->kept);
  free(state->fields);
  free(state->taken);
  trm_release(run, &state->scratch);
}

trm__array_state *trm__array_state_of(const trm_run *run) {
  static const trm__comm_floor floor = {sizeof(trm__array_state), drop};
  return trm__comm_state(run, &floor);
}

trm_status trm__array_scratch(trm_run *run, int64_t bytes, void **data) {
  trm__array_state *state = trm__array_state_of(run);
  if (bytes > state->scratch_bytes) {
    trm_release(run, &state->scratch);
    state->scratch_bytes = 0;
    TRM_TRY(trm_alloc(run, "message buffers", bytes, &state->scratch));
    state->scratch_bytes = bytes;
  }
  *data = state->scratch;
  return TRM_OK;
}
