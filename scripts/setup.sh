# Sourced by scripts/demo, scripts/test and others here, from the top of the project: what they share, and the one place that knows
# the names of system packages. Every check looks for the thing itself (does mpicc compile, is HDF5 there), not for a
# package, so what comes from `module load`, brew or one's own build counts as well; packages are installed only when a
# check fails and the system has apt.
# shellcheck shell=bash

apt_build="libopenmpi-dev openmpi-bin libhdf5-dev libclang-dev pkg-config gcc libc6-dev"
apt_test="mpich libmpich-dev python3 python3-venv valgrind chromium"
grep -qs '^ID=ubuntu' /etc/os-release && apt_test="mpich libmpich-dev python3 python3-venv valgrind chromium-browser"
apt_slurm="munge slurmctld slurmd slurm-client"
dnf_build="openmpi-devel hdf5-devel clang-devel pkgconf-pkg-config gcc"
dnf_test="mpich-devel python3 valgrind chromium"
brew_build="open-mpi hdf5 llvm pkg-config"
brew_test="mpich python chromium"

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
exists() { # does any of these paths?
  local path
  for path; do [ -e "$path" ] && return; done
  return 1
}

# --- Rust ---

need_rust() {
  PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin" # where rustup puts it; a shell older than the installation has no such PATH
  { have cargo && have rustc; } || die "Rust is missing: install it with rustup, then run this again"
  local wanted found
  wanted=$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' Cargo.toml)
  found=$(rustc --version | awk '{ print $2 }')
  [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ] ||
    die "Rust $found is too old, $wanted or newer is needed: run 'rustup update', then this again"
}
need_rustfmt_and_clippy() {
  { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1 ||
    die "rustfmt or clippy is missing: run 'rustup component add rustfmt clippy', then this again"
}

# --- system packages ---

has_c_compiler() { echo '#include <stdio.h>' | cc -fsyntax-only -x c - 2>/dev/null; }
has_mpi() { # compiler wrapper, launcher
  have "$2" && echo '#include <mpi.h>' | "$1" -fsyntax-only -x c - 2>/dev/null
}
has_hdf5() {
  pkg-config --exists hdf5 2>/dev/null && return
  exists ${HDF5_DIR:+"$HDF5_DIR/include/H5pubconf.h"} /usr/include/{,hdf5/serial/}H5pubconf{,-64}.h \
    {/usr/local,/opt/homebrew}/opt/hdf5/include/H5pubconf.h && return
  # A module on a cluster often gives no more than h5cc; the build looks in HDF5_DIR.
  local folder
  folder=$(h5cc -showconfig 2>/dev/null | sed -n 's/^ *Installation point: *//p')
  [ -e "$folder/include/H5pubconf.h" ] && export HDF5_DIR=$folder
}
has_libclang() { # where bindgen looks for it, and the headers that belong to it
  local folder
  for folder in ${LIBCLANG_PATH:+"$LIBCLANG_PATH"} "$(llvm-config --libdir 2>/dev/null)" /usr/lib/llvm-*/lib /usr/lib64 \
    /usr/lib64/llvm*/lib* /usr/lib /usr/local/lib /usr/local/opt/llvm/lib /opt/homebrew/opt/llvm/lib \
    /Library/Developer/CommandLineTools/usr/lib; do
    exists "$folder"/libclang.{so,dylib}* "$folder"/libclang-[0-9]*.so* &&
      exists "$folder"/clang/*/include/stddef.h /usr/lib/clang/*/include/stddef.h && return
  done
  return 1
}
has_slurm() { have munged && have slurmctld && have slurmd && have sbatch; }
has_valgrind() { [ "$(uname)" != Linux ] || have valgrind; } # elsewhere nothing is counted
find_browser() { # its name, for the tests of pages
  local name
  for name in ${ENSAMPLE_CHROMIUM:+"$ENSAMPLE_CHROMIUM"} chromium chromium-browser google-chrome; do
    have "$name" && echo "$name" && return
  done
  return 1
}

missing_to_build() {
  has_c_compiler || echo "a C compiler (cc)"
  has_mpi mpicc mpirun || echo "MPI (mpicc, mpirun)"
  have pkg-config || echo "pkg-config"
  has_hdf5 || echo "HDF5"
  has_libclang || echo "libclang"
}
missing_to_test() {
  missing_to_build
  has_mpi "$MPICC_OPENMPI" "$MPIRUN_OPENMPI" || echo "Open MPI ($MPICC_OPENMPI, $MPIRUN_OPENMPI)"
  has_mpi "$MPICC_MPICH" "$MPIRUN_MPICH" || echo "MPICH ($MPICC_MPICH, $MPIRUN_MPICH)"
  "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || echo "Python with venv ($PYTHON)"
  has_valgrind || echo "Valgrind"
  find_browser >/dev/null || echo "Chromium"
}

need_system() { # "build" or "test"
  local missing packages=$apt_build
  [ "$1" = test ] && packages="$packages $apt_test"
  missing=$("missing_to_$1")
  if [ -n "$missing" ] && have apt-get; then
    apt_install "$packages"
    missing=$("missing_to_$1")
  fi
  [ -z "$missing" ] || die_missing "$1" "$missing"
  has_hdf5 # in this shell, where the HDF5_DIR that it may export stays
}

apt_install() { # package names
  local as_root="" by_hand="apt-get update && apt-get install $1"
  if [ "$(id -u)" -ne 0 ]; then
    have sudo || die "system packages are missing, and to install them takes root or sudo. As root:
  $by_hand"
    as_root=sudo
  fi
  say "Installing $1"
  # Waits for the lock: a fresh machine may be running its first automatic upgrade.
  local apt="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300"
  # shellcheck disable=SC2086 # words wanted
  if ! { $apt update && $apt install -y --no-install-recommends $1; }; then
    die "system packages could not be installed (see above). As root:
  $by_hand"
  fi
}

die_missing() { # "build" or "test", lines naming what is missing
  local apt=$apt_build dnf=$dnf_build brew=$brew_build names=""
  if [ "$1" = test ]; then
    apt="$apt $apt_test" dnf="$dnf $dnf_test" brew="$brew $brew_test"
    names="
Commands with other names are told to this script as its head describes."
  fi
  die "not found: $(echo "$2" | paste -s -d , | sed 's/,\([^ ]\)/, \1/g')
Install it, then run this again:
  Debian, Ubuntu  apt-get install $apt
  Fedora, RHEL    dnf install $dnf; then: module load mpi
  macOS           brew install $brew
  a cluster       module load openmpi hdf5 llvm (names differ: module avail)
HDF5 in a place of its own is found through HDF5_DIR, libclang through LIBCLANG_PATH.$names"
}

# --- Python, for tests that open result files with other people's readers, and for what is measured beside this ---

need_python() { # folder of the virtual environment, what is to be in it
  cmp -s "$2" "$1/requirements.txt" && "$1/bin/python" -c '' 2>/dev/null && return
  "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    die "$PYTHON is older than 3.11; name a newer one: PYTHON=python3.12 $0"
  say "Installing $2 into $1"
  "$PYTHON" -m venv --clear "$1"
  "$1/bin/pip" install --quiet --disable-pip-version-check --no-compile -r "$2"
  cp "$2" "$1/requirements.txt"
}

# --- building and running ---

# Cargo does not rebuild the MPI bindings when `mpicc` comes to mean another MPI (another module, another alternative):
# forget them when it has.
forget_other_mpi() { # compiler wrapper, target folder
  local now
  now=$("$1" -show)
  [ "$now" = "$(cat "$2/mpicc-show" 2>/dev/null)" ] && return
  if [ -d "$2" ]; then
    cargo clean --quiet --target-dir "$2" -p mpi-sys
    cargo clean --quiet --target-dir "$2" -p mpi-sys --release
  fi
  mkdir -p "$2"
  echo "$now" >"$2/mpicc-show"
}

# Jobs of these scripts stay on this machine, have more ranks than it may have cores, and in a container run as root.
# Each setting is for the MPI that knows it (Open MPI 4; Open MPI 5; MPICH), the others ignore it.
local_mpi_jobs() {
  if [ "$(id -u)" -eq 0 ]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  fi
  export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
  # Loopback only: no network is needed, no firewall wakes. (To exclude TCP altogether makes Open MPI 4 look for other
  # transports for a second.)
  local interface=lo
  [ "$(uname)" = Darwin ] && interface=lo0
  export OMPI_MCA_btl_tcp_if_include=127.0.0.0/8 OMPI_MCA_oob_tcp_if_include=127.0.0.0/8
  export HYDRA_IFACE=$interface UCX_NET_DEVICES=$interface FI_TCP_IFACE=$interface
}
