# Sourced by the sbatch files, as the first thing: `until_done` runs a program on the ranks of a job until it is done,
# through whatever interrupts it.
# shellcheck shell=bash

# The shell gets the signals of Slurm (--signal=B:...), and hands them on: under mpirun, ranks get none. One may come
# before there is anything to hand it to.
signalled="" launched=""
hand_on() { [ -z "$launched" ] || kill -USR1 "$launched" 2>/dev/null || true; }
trap 'signalled=yes; hand_on' USR1 TERM

# How ranks are started: srun with the MPI type that fits (pmix for Open MPI, pmi2 for MPICH), or mpirun where srun
# can't do it: `ENSAMPLE_LAUNCHER=mpirun sbatch ...`. A rank that is lost takes all others with it, instead of leaving
# them to wait.
launcher=${ENSAMPLE_LAUNCHER:-srun --kill-on-bad-exit=1 --cpus-per-task=${SLURM_CPUS_PER_TASK:-1}}

# The number of the last job of an array is also that of the whole array.
job=$SLURM_JOB_ID
[ -z "${SLURM_ARRAY_TASK_ID:-}" ] || job=${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}

job_says() { # what squeue is asked for; Slurm may be too busy to answer at once
  local again
  for again in 1 2 3 4 5; do
    [ "$again" -eq 1 ] || sleep 3
    SLURM_TIME_FORMAT=%s squeue --noheader --jobs="$job" --format="$1" && return
  done
  return 1
}

# The program ends by itself a little before its time limit. Older versions of Slurm don't tell it when that is.
if [ -z "${SLURM_JOB_END_TIME:-}" ]; then
  end_time=$(job_says %e) || true
  # There may be no limit.
  [[ ! $end_time =~ ^[0-9]+$ ]] || export SLURM_JOB_END_TIME=$end_time
fi

run() { # arguments of the launcher; waits for its end, whatever signals come meanwhile
  local status=0
  # shellcheck disable=SC2086 # words wanted
  $launcher "$@" &
  launched=$!
  while kill -0 "$launched" 2>/dev/null; do
    if [ -z "$signalled" ]; then
      wait "$launched" || true # a signal ends it, too
    else
      sleep 1
      hand_on # once more: a launcher loses what comes while it starts
    fi
  done
  wait "$launched" || status=$? # the shell remembers it
  launched=""
  return $status
}

back_into_the_queue() {
  local again
  for again in 1 2 3 4 5; do
    [ "$again" -eq 1 ] || sleep 3
    # A job that was cancelled is not running any more, and does not come back.
    [ "$(job_says %T)" = RUNNING ] || return 0
    echo "interrupted: back into the queue"
    scontrol requeue "$job" && return
  done
  echo "Slurm has not taken it back"
}

# The result, then arguments of the launcher: the program and its own, which keeps a checkpoint (--resume).
until_done() {
  local checkpoint=$1.checkpoint again status before
  shift
  # It changes whenever there is more to go on from.
  before=$(cksum "$checkpoint" 2>/dev/null) || true
  for again in 1 2 3; do
    status=75
    [ -z "$signalled" ] || break
    status=0
    run "$@" || status=$?
    case $status in
      0 | 1 | 2 | 3 | 74 | 75) break ;; # what the program says
      126 | 127) break ;; # there is no such launcher
    esac
    # Killed: it goes on from its last checkpoint, here and now, but not for ever. (It may have been the signal that was
    # to interrupt it, before it listened.)
    [ -z "$signalled" ] || { status=75; break; }
    echo "killed (status $status)$([ "$again" -eq 3 ] || echo ": once more")"
    # Its last ranks may take a moment to go, and hold the checkpoint until then.
    [ "$again" -eq 3 ] || sleep 5
  done
  # Interrupted, it has left a checkpoint: the same job goes on from there when it is its turn again. But a run that
  # finds nothing in the time it has would come back for ever.
  if [ $status -eq 75 ]; then
    if [ "$(cksum "$checkpoint" 2>/dev/null)" = "$before" ]; then
      echo "interrupted, and the run has found nothing since the last time: it stays out of the queue"
    else
      back_into_the_queue
    fi
  fi
  return $status
}
