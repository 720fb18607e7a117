#include "store/verdict/certificate.h"

#include <string.h>

#include "array/digest.h"
#include "store/file/stamp.h"

/* With the byte that ends it, so that "ab", "c" is not "a", "bc". */
static uint64_t add_text(uint64_t digest, const char *text) {
  return trm__array_digest_bytes(text, (int64_t)strlen(text) + 1, digest);
}

static uint64_t of_stamp(const trm__store_checkpoint *c) {
  const trm__store_stamp *s = &c->stamp;
  int64_t numbers[] = {s->step,    (int64_t)s->seed, s->ranks,
                       s->threads, s->complete,      0};
  memcpy(&numbers[5], &s->seconds, sizeof s->seconds);
  const char *texts[] = {trm__store_stamp_format(c->output),
                         s->kernel,
                         s->run_id,
                         s->build,
                         s->written,
                         s->options ? s->options : "{}"};
  uint64_t digest = trm__array_digest_bytes(numbers, sizeof numbers, 0);
  for (int i = 0; i < 6; i++) digest = add_text(digest, texts[i]);
  return digest;
}

static uint64_t of_dataset(const trm__store_dataset *f) {
  int64_t numbers[2 + TRM_DIMS] = {f->dims, (int64_t)f->digest};
  memcpy(numbers + 2, f->n, sizeof f->n);
  uint64_t digest = trm__array_digest_bytes(numbers, sizeof numbers, 0);
  digest = add_text(digest, trm_type_name(f->type));
  return add_text(add_text(digest, f->name), f->role);
}

uint64_t trm__store_certificate(const trm__store_checkpoint *c) {
  uint64_t sum = 0;
  for (int i = 0; i < c->nfields; i++) sum += of_dataset(&c->fields[i]);
  return trm__array_digest_bytes(&sum, sizeof sum, of_stamp(c));
}
