#include "comm/untracked.h"

#include <dlfcn.h>

#include "comm/preload.h"

static const trm_preload_class classes[] = {
#define TRM__PRELOAD_KIND(name, class, text) TRM_PRELOAD_##class,
    TRM_PRELOAD_KINDS(TRM__PRELOAD_KIND)
#undef TRM__PRELOAD_KIND
};

bool trm__comm_untracked_read(trm__comm_untracked *out) {
  trm_preload_read_fn *read;
  trm_preload_totals all;
  *out = (trm__comm_untracked){.messages = 0};
  *(void **)&read = dlsym(RTLD_DEFAULT, "trm_preload_read");
  if (!read) return false;
  read(&all);
  for (int k = 0; k < TRM_PRELOAD_KIND_COUNT; k++) {
    const trm_preload_total *t = &all.untracked[k];
    bool collective = classes[k] == TRM_PRELOAD_COLLECTIVE;
    out->messages += t->messages;
    out->bytes += collective ? 0 : t->bytes;
    out->calls += collective ? t->calls : 0;
    out->call_bytes += collective ? t->bytes : 0;
    out->seconds += t->seconds;
  }
  return true;
}

/* The wrappers' flag of this thread, found once; without the wrappers, a
 * dummy. */
static int *flag(void) {
  static _Thread_local int *found, unread;
  trm_preload_inside_fn *inside;
  if (found) return found;
  *(void **)&inside = dlsym(RTLD_DEFAULT, "trm_preload_inside");
  found = inside ? inside() : &unread;
  return found;
}

void trm__comm_untracked_begin(void) {
  ++*flag();
}

void trm__comm_untracked_end(void) {
  --*flag();
}
