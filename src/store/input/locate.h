/* Where the values of an input are: the file and dataset of "FILE.h5:/DATASET",
 * the file that really holds the dataset (behind external links), and whether
 * all that it refers to is there. No MPI. */
#ifndef TRM_STORE_INPUT_LOCATE_H
#define TRM_STORE_INPUT_LOCATE_H

#include <hdf5.h>

#include "base/error.h"

enum { TRM__STORE_PATH = 4096, TRM__STORE_NAME = 256 };

/** Split "FILE.h5:/DATASET". Both may contain ":/": the file is the shortest
 * part in front of one that exists and is not a directory. TRM_EINPUT: not of
 * this form. */
trm_status trm__store_locate_split(const char *where,
                                   char file[TRM__STORE_PATH],
                                   char dataset[TRM__STORE_NAME],
                                   trm__base_error *);

/** Open an HDF5 file for reading, or say why it cannot be opened: no such file,
 * no permission, not HDF5, not closed by its writer, truncated. */
hid_t trm__store_locate_open(const char *file, trm__base_error *);

/** The file that holds an open object: another than the one that was opened if
 * an external link leads to it. */
trm_status trm__store_locate_file(hid_t object, char file[TRM__STORE_PATH],
                                  trm__base_error *);

/** Check that all values of a dataset are there: its external raw files, and
 * the sources of a virtual dataset, and theirs in turn. HDF5 reads zeros or
 * fill values for what is missing, without an error.
 * \param where for messages */
trm_status trm__store_locate_sources(hid_t dataset, const char *where,
                                     trm__base_error *);

#endif
