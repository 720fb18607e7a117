/* The parts of HDF5 that the store uses: drivers of ours, one thread, no error
 * printing. No MPI. */
#ifndef TRM_STORE_H5_H
#define TRM_STORE_H5_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include <trireme/type.h>

#include "base/error.h"
#include "store/image/image.h"

/** Open for reading; negative: failed, and trm__store_h5_reason says why. */
hid_t trm__store_h5_open(const char *path);

/** Create a file in an image, without touching a disk; objects of 64 KiB and more
 * are aligned to 1 MiB.  \param path for HDF5's own messages */
hid_t trm__store_h5_create(const char *path, trm__store_image *);

/** The type in memory (and in our files); H5Tclose it. */
hid_t trm__store_h5_type(trm_type);
/** The same for reading from a dataset of type `stored`: the parts of complex
 * numbers have the names that the file gives them. */
hid_t trm__store_h5_read_type(trm_type, hid_t stored);

/** Nearest type of fields to one in a file; false: not numbers. Booleans
 * (enumerations of FALSE = 0 and TRUE = 1) are U8; records {r, i} and {real,
 * imag} of floating-point numbers are complex.
 * \param same set to whether the bytes in the file are the type's own */
bool trm__store_h5_nearest(hid_t type, trm_type *nearest, bool *same);

/** Offset of a dataset's values if they are contiguous plain bytes of the file;
 * -1: they are not.  \param same as trm__store_h5_nearest says */
int64_t trm__store_h5_plain_offset(hid_t dataset, bool same);

/** Set an attribute of one value or a text; false: failed. */
bool trm__store_h5_put(hid_t object, const char *name, hid_t type,
                       const void *);
bool trm__store_h5_put_text(hid_t object, const char *name, const char *text);

/** Read an attribute; false: not there, of another kind, or longer than `size`.
 */
bool trm__store_h5_get(hid_t object, const char *name, hid_t type, void *);
bool trm__store_h5_get_text(hid_t object, const char *name, char *text,
                            size_t size);
/** The same of any length; NULL: not there. free() it. */
char *trm__store_h5_get_long_text(hid_t object, const char *name);

/** First line of HDF5's own explanation of the last failure, into text. HDF5
 * forgets it with its next call: ask before anything is closed. */
const char *trm__store_h5_reason(char *text, size_t size);

#endif
