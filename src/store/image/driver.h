/* A file driver of HDF5 that writes into an image: HDF5 never touches the disk
 * that fails. A file that it cannot write it can neither close, and ends in a
 * crash in MPI_Finalize. */
#ifndef TRM_STORE_DRIVER_H
#define TRM_STORE_DRIVER_H

#include <hdf5.h>

#include "store/image/image.h"

/** Make files that are created with this access list use the driver.
 * \param image must outlive the file
 * \return the driver, for H5FDunregister when the file is open; negative: failed */
hid_t trm__store_driver_set(hid_t access_list, trm__store_image *image);

#endif
