#!/usr/bin/env bash
# A SLURM cluster of one node on this machine, for tests: Debian's packages, root, no systemd, no
# cgroups, the loopback address only. Its node claims eight CPUs, and two GPUs that are device files
# like /dev/null: SLURM counts them, schedules them and hands them out.
#
#   cluster.sh start FOLDER    install what is missing and start it; all it writes is in FOLDER
#   cluster.sh stop FOLDER     stop what was started, and nothing else
#
# SLURM's commands for it are in FOLDER/bin.
set -euo pipefail
[[ $# == 2 && $1 =~ ^(start|stop)$ ]] || { sed -n '2,10s/^# \?//p' "$0"; exit 2; }
action=$1 folder=$(realpath --canonicalize-missing "$2")
templates=$(realpath "$(dirname "$0")")
host=$(hostname -s)

fail() { echo "$*" >&2; exit 1; }

install_packages() {
  local package missing=()
  for package in munge slurmctld slurmd slurm-client; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -qq --no-install-recommends "${missing[@]}"; } >/dev/null ||
    fail "cannot install ${missing[*]}"
}

# Start a program in the background, in a session of its own, and remember its process.
launch() {
  local name=$1
  setsid "$@" >"$folder/log/$name.out" 2>&1 </dev/null &
  echo $! >"$folder/pids/$name"
}

wait_for() {
  for _ in {1..150}; do
    ! "$@" &>/dev/null || return 0
    sleep 0.2
  done
  tail -n 20 "$folder"/log/* >&2
  fail "no answer: $*"
}

# Two suites may run at once.
free_port() { python3 -c 'import socket; s = socket.create_server(("", 0)); print(s.getsockname()[1])'; }

is_idle() { [[ $("$folder/bin/sinfo" --noheader --format=%T | sort -u) == idle ]]; }

has_no_jobs() { [[ -z $("$folder/bin/squeue" --noheader) ]]; }

start() {
  ((EUID == 0)) || fail "SLURM's daemons need root"
  command -v dpkg-query apt-get >/dev/null || fail "this is no Debian"
  getent hosts "$host" >/dev/null || fail "this machine's name, $host, is unknown to itself"
  install_packages
  mkdir -p "$folder"/{bin,dev,etc,log,munge,pids,spool,state}
  chmod 755 "$folder" "$folder"/{bin,dev,etc,log,munge}

  # An accelerator's file must be a device: these are /dev/null by another name.
  for gpu in 0 1; do mknod --mode=666 "$folder/dev/gpu$gpu" c 1 3; done
  local ports="s|@CONTROL_PORT@|$(free_port)|; s|@NODE_PORT@|$(free_port)|"
  for file in slurm.conf gres.conf cgroup.conf; do
    sed "s|@FOLDER@|$folder|g; s|@HOST@|$host|g; $ports" "$templates/$file" >"$folder/etc/$file"
  done
  # A job's own srun loses SLURM_CONF on the way, so each command brings it along.
  for command in sbatch scancel scontrol sinfo squeue srun; do
    printf '#!/bin/sh\nSLURM_CONF=%s/etc/slurm.conf exec /usr/bin/%s "$@"\n' \
      "$folder" "$command" >"$folder/bin/$command"
    chmod 755 "$folder/bin/$command"
  done

  (umask 377; head -c 128 /dev/urandom >"$folder/munge/key")
  launch munged --foreground --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
    --pid-file="$folder/munge/pid" --seed-file="$folder/munge/seed" --log-file="$folder/log/munged"
  wait_for munge --no-input --socket="$folder/munge/socket"
  launch slurmctld -D -f "$folder/etc/slurm.conf"
  wait_for "$folder/bin/scontrol" ping
  launch slurmd -D -f "$folder/etc/slurm.conf" -N "$host"
  wait_for is_idle
}

stop() {
  local name file pid
  # Jobs have processes of their own; none are left unless something went wrong.
  if [[ -f $folder/pids/slurmd ]]; then
    "$folder/bin/scancel" --user="$(id --user)" && wait_for has_no_jobs || true
  fi
  for name in slurmctld slurmd munged; do
    file=$folder/pids/$name
    [[ -f $file ]] || continue
    pid=$(<"$file")
    # The number may be another process's by now.
    if [[ $(ps --no-headers -o comm= -p "$pid") == "$name" ]]; then
      kill "$pid"
      timeout 20 tail --pid="$pid" -f /dev/null || kill -KILL "$pid"
    fi
    rm "$file"
  done
}

"$action"
