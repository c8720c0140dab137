//! Which transports Open MPI need not look for.
//!
//! Open MPI 4 loads the libraries of Omni-Path, TrueScale and libfabric to ask whether there is such hardware. Two of
//! them then measure the processor's clock for 0.1 s each, in every process, in vain on a laptop. Where no such device
//! is, they are left out: then a process starts in 0.1 s instead of 0.3 s, and what is chosen is the same as before.
//!
//! This file holds one `unsafe` call: a process tells Open MPI what to leave out by an environment variable, and to set
//! one is sound as long as no other thread reads or writes the environment by the C library at that moment. It is set by
//! [`launch`](super::launch), which asks to be called before there are other threads.

use std::path::Path;

/// The framework of these transports, and what leaves it out.
const LEAVE_OUT: (&str, &str) = ("OMPI_MCA_pml", "^cm");

/// With one of these the user has decided.
const DECIDED: [&str; 2] = ["OMPI_MCA_pml", "OMPI_MCA_mtl"];

/// Folders, and how the names in them begin where there is such hardware.
const DEVICES: [(&str, &str); 4] =
    [("/sys/class/infiniband", ""), ("/sys/class/cxi", ""), ("/dev", "hfi1"), ("/dev", "ipath")];

/// To be called before MPI starts. Other MPIs don't heed it.
pub(super) fn leave_out_absent() {
    if is_wanted(|name| std::env::var_os(name).is_some(), has_device) {
        let (name, value) = LEAVE_OUT;
        // SAFETY: see above.
        unsafe { std::env::set_var(name, value) }
    }
}

fn is_wanted(is_set: impl Fn(&str) -> bool, has_device: impl Fn(&str, &str) -> bool) -> bool {
    cfg!(target_os = "linux")
        && !DECIDED.into_iter().any(is_set)
        && !DEVICES.into_iter().any(|(folder, prefix)| has_device(folder, prefix))
}

fn has_device(folder: &str, prefix: &str) -> bool {
    let entries = std::fs::read_dir(Path::new(folder)).into_iter().flatten();
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_out_against_the_user_or_where_there_is_a_device() {
        assert!(is_wanted(|_| false, |_, _| false));
        for decided in DECIDED {
            assert!(!is_wanted(|name| name == decided, |_, _| false));
        }
        for device in DEVICES {
            assert!(!is_wanted(|_| false, |folder, prefix| (folder, prefix) == device));
        }
    }

    #[test]
    fn devices_are_found_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        assert!(!has_device(path, "") && !has_device(&format!("{path}/none"), ""));
        std::fs::write(folder.path().join("hfi1_0"), "").unwrap();
        assert!(has_device(path, "") && has_device(path, "hfi1") && !has_device(path, "ipath"));
    }
}
