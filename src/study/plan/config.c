#include "study/plan/config.h"

#include "base/memory.h"
#include "base/text.h"

const char *const trm__study_mode_name[] = {
#define MODE(name, text) text,
    TRM__MODES(MODE)
#undef MODE
};

char *trm__study_config_text(const trm__study_config *c) {
  const char *label = c->label ? c->label : "";
  return trm__base_format("%s %s x %s%s%s", trm__study_mode_name[c->mode],
                          trm__base_text_count(c->ranks, "rank").s,
                          trm__base_text_count(c->threads, "thread").s,
                          *label ? " " : "", label);
}
