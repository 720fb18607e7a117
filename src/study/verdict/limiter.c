#include "study/verdict/limiter.h"

const char *const trm__study_limiter_name[] = {
#define TRM__LIMIT(name, text) text,
    TRM__LIMITERS(TRM__LIMIT)
#undef TRM__LIMIT
};
