#include <trireme/status.h>

static const struct {
  const char *name, *text;
  int exit_code;
} list[] = {
#define TRM__ROW(name, exit_code, text) {#name, text, exit_code},
    TRM_STATUSES(TRM__ROW)
#undef TRM__ROW
};

static int known(trm_status s) {
  return (unsigned)s < TRM_STATUS_COUNT;
}

const char *trm_status_name(trm_status s) {
  return known(s) ? list[s].name : "unknown";
}

const char *trm_status_text(trm_status s) {
  return known(s) ? list[s].text : "unknown status";
}

int trm_status_exit(trm_status s) {
  return known(s) ? list[s].exit_code : 3;
}
