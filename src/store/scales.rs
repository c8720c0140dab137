//! Dimension scales: the two functions of HDF5's high-level library that [`hdf5`] has no wrapper for.
//!
//! This file holds all `unsafe` of the room.

use hdf5::{Dataset, h5check, sync::sync};
use hdf5_sys::h5::herr_t;
use hdf5_sys::h5i::hid_t;
use std::ffi::{CStr, c_char, c_uint};

// As declared in H5DSpublic.h, unchanged since HDF5 1.8.
unsafe extern "C" {
    fn H5DSset_scale(dsid: hid_t, dimname: *const c_char) -> herr_t;
    fn H5DSattach_scale(did: hid_t, dsid: hid_t, idx: c_uint) -> herr_t;
}

/// Makes `scale` the coordinate variable of an axis called `name`.
pub(super) fn make(scale: &Dataset, name: &CStr) -> hdf5::Result<()> {
    // SAFETY: `scale` keeps its id open for the call, and HDF5 checks that it is a dataset's; `name` is a C string
    // that HDF5 copies. `sync` holds the lock under which every other call into the library is made.
    sync(|| h5check(unsafe { H5DSset_scale(scale.id(), name.as_ptr()) })).map(drop)
}

/// Says that dimension number `dimension` of `variable` is the axis whose coordinate variable is `scale`.
pub(super) fn attach(variable: &Dataset, scale: &Dataset, dimension: usize) -> hdf5::Result<()> {
    // SAFETY: as above, with two datasets; HDF5 checks `dimension` (at most 32 exist) against the variable's shape.
    sync(|| h5check(unsafe { H5DSattach_scale(variable.id(), scale.id(), dimension as c_uint) })).map(drop)
}
