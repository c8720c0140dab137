# Sourced by the sbatch files: runs a program on the ranks of a job until it is done, through whatever interrupts it.
# shellcheck shell=bash

# How ranks are started: srun with the MPI type that fits (pmix for Open MPI, pmi2 for MPICH), or mpirun where srun can't
# do it: `ENSAMPLE_LAUNCHER=mpirun sbatch ...`. A rank that is lost takes all others with it, instead of leaving them to
# wait.
launcher=${ENSAMPLE_LAUNCHER:-srun --kill-on-bad-exit=1 --cpus-per-task=${SLURM_CPUS_PER_TASK:-1}}

until_done() { # arguments of the launcher: the program and its own, which keeps a checkpoint (--resume)
  local again status launched
  for again in 1 2 3; do
    # shellcheck disable=SC2086 # words wanted
    $launcher "$@" &
    launched=$!
    # The shell gets the signals of Slurm (--signal=B:...), and hands them on: under mpirun, ranks get none.
    trap 'kill -USR1 $launched 2>/dev/null' USR1 TERM
    status=0
    wait $launched || status=$?
    while kill -0 $launched 2>/dev/null; do # it was only a signal that has ended the wait
      status=0
      wait $launched || status=$?
    done
    # Killed (128 + signal): it goes on from its last checkpoint, here and now, but not for ever.
    [ $status -gt 128 ] || break
    echo "killed (status $status)$([ $again -eq 3 ] || echo ": once more")"
  done
  # Interrupted before its time limit, it has left a checkpoint: the same job goes on from there when it is its turn
  # again. One that was cancelled does not.
  if [ $status -eq 75 ] && [ "$(squeue --noheader --jobs="$SLURM_JOB_ID" --format=%T)" = RUNNING ]; then
    echo "interrupted: back into the queue"
    scontrol requeue "$SLURM_JOB_ID"
  fi
  return $status
}
