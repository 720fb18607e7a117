/* A file driver of HDF5 that reads, and whose close cannot fail: of a file that
 * HDF5 could not close it keeps half, and crashes in MPI_Finalize. */
#ifndef TRM_STORE_READER_H
#define TRM_STORE_READER_H

#include <hdf5.h>

/** Make files that are opened with this access list use the driver.
 * \return the driver, for H5FDunregister when the file is open; negative: failed
 */
hid_t trm__store_reader_set(hid_t access_list);

#endif
