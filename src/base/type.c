#include <stdint.h>

#include <trireme/type.h>

static const size_t sizes[] = {
#define TRM__ROW(name, ctype) sizeof(ctype),
    TRM_TYPES(TRM__ROW)
#undef TRM__ROW
};

static const char *const lower[] = {"f64", "f32", "i64", "i32",
                                    "u64", "u8",  "c128"};
_Static_assert(sizeof lower / sizeof *lower == TRM_TYPE_COUNT,
               "a name for each type");

size_t trm_type_size(trm_type type) {
  return (unsigned)type < TRM_TYPE_COUNT ? sizes[type] : 0;
}

const char *trm_type_name(trm_type type) {
  if ((unsigned)type < TRM_TYPE_COUNT) return lower[type];
  return type == TRM_TEXT ? "text" : type == TRM_FLAG ? "flag" : "unknown";
}
