//! What a job's exit status says.

/// The result file is there, and complete.
pub const DONE: u8 = 0;
/// A model failed, or a rank did.
pub const FAILED: u8 = 1;
/// Something in the flags, the run file, the data or the launch is wrong; no file was touched.
pub const INPUT: u8 = 2;
/// The result file is there, but holds less than what was asked for: the allowed simulations were used up.
pub const PARTIAL: u8 = 3;
/// A file could not be read or written (`EX_IOERR`).
pub const FILE: u8 = 74;
/// The job was asked to end before it was done; what it had found is in its checkpoint, from which `--resume` goes on
/// (`EX_TEMPFAIL`).
pub const INTERRUPTED: u8 = 75;
