#include "store/image/image.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct trm__store_page {
  int64_t offset; /* a multiple of the size of a page */
  char data[TRM__STORE_PAGE];
};

/* Index of the first page that does not end before an offset. */
static int search(const trm__store_image *image, int64_t offset) {
  int lo = 0, hi = image->n;
  while (lo < hi) {
    int mid = lo + (hi - lo) / 2;
    if (image->page[mid]->offset + TRM__STORE_PAGE <= offset)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

/* The page of an offset, made where there is none. */
static trm__store_page *page_at(trm__store_image *image, int64_t offset) {
  int i = search(image, offset);
  offset -= offset % TRM__STORE_PAGE;
  if (i < image->n && image->page[i]->offset == offset) return image->page[i];
  image->page =
      trm__base_grow(image->page, (size_t)image->n + 1, sizeof *image->page);
  memmove(image->page + i + 1, image->page + i,
          (size_t)(image->n++ - i) * sizeof *image->page);
  image->page[i] = trm__base_calloc(1, sizeof *image->page[i]);
  image->page[i]->offset = offset;
  return image->page[i];
}

/* Bytes from an offset to the end of its page, at most `most`. */
static int64_t to_end_of_page(int64_t offset, int64_t most) {
  int64_t n = TRM__STORE_PAGE - offset % TRM__STORE_PAGE;
  return n < most ? n : most;
}

void trm__store_image_put(trm__store_image *image, int64_t offset,
                          int64_t bytes, const void *data) {
  const char *from = data;
  if (offset + bytes > image->bytes) image->bytes = offset + bytes;
  for (int64_t n; bytes > 0; offset += n, from += n, bytes -= n) {
    n = to_end_of_page(offset, bytes);
    memcpy(page_at(image, offset)->data + offset % TRM__STORE_PAGE, from,
           (size_t)n);
  }
}

void trm__store_image_get(const trm__store_image *image, int64_t offset,
                          int64_t bytes, void *data) {
  char *to = data;
  for (int64_t n; bytes > 0; offset += n, to += n, bytes -= n) {
    n = to_end_of_page(offset, bytes);
    int i = search(image, offset);
    if (i < image->n && image->page[i]->offset <= offset)
      memcpy(to, image->page[i]->data + offset % TRM__STORE_PAGE, (size_t)n);
    else
      memset(to, 0, (size_t)n);
  }
}

void trm__store_image_resize(trm__store_image *image, int64_t bytes) {
  for (; image->n > 0; image->n--) {
    trm__store_page *last = image->page[image->n - 1];
    int64_t left = bytes - last->offset;
    if (left >= TRM__STORE_PAGE) break;
    if (left > 0) {
      memset(last->data + left, 0, (size_t)(TRM__STORE_PAGE - left));
      break;
    }
    free(last);
  }
  image->bytes = bytes;
}

void trm__store_image_clear(trm__store_image *image) {
  for (int i = 0; i < image->n; i++) free(image->page[i]);
  free(image->page);
  *image = (trm__store_image){0};
}

trm_status trm__store_image_write(const trm__store_image *image,
                                  trm__store_io *io, const char *op,
                                  trm__base_error *error) {
  for (int i = 0; i < image->n; i++) {
    trm__store_page *page = image->page[i];
    int64_t left = image->bytes - page->offset;
    trm__store_transfer job = {
        .io = io,
        .op = op,
        .write = true,
        .data = page->data,
        .bytes = left < TRM__STORE_PAGE ? left : TRM__STORE_PAGE,
        .offset = page->offset};
    trm__store_transfer_start(&job);
    if (trm__store_transfer_finish(&job) == TRM_OK) continue;
    *error = job.error;
    return error->status;
  }
  return TRM_OK;
}
