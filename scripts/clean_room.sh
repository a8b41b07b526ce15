#!/usr/bin/env bash
# clean_room.sh RELEASE [OPTION…] [--] COMMAND…
# Runs COMMAND in a clean copy of this tree inside a bare Debian of RELEASE, as root there: what a
# newcomer sees. RELEASE is 12, 13, testing or sid, or the name (bookworm, trixie, forky). The copy
# is what is committed; the room is thrown away afterwards. Exits as COMMAND does, 2 if there was no
# room to run it in.
#   --get PATH=DIR     afterwards, copy PATH of the copy into DIR, also if COMMAND failed; repeatable
#   --data DIR[=PATH]  DIR of this machine, read-only, as PATH (default /data) in the room; repeatable
#   --no-network       a room without a network
#   --mirror URL       the Debian mirror (default: what apt here uses)
#   --fresh            make the base anew; otherwise that happens when it is older than a day
# Bases and downloaded packages stay in $POOLBENCH_ROOMS (default ~/.cache/poolbench/rooms).
# It needs mmdebstrap or debootstrap, and root that may mount, or user namespaces.
# Example: scripts/clean_room.sh testing --get results/local=/tmp/testing -- scripts/run.sh --quick
set -euo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
rooms=${POOLBENCH_ROOMS:-${XDG_CACHE_HOME:-$HOME/.cache}/poolbench/rooms}
usage() { sed -n '2,/^set/s/^# //p' "${BASH_SOURCE[0]}"; }
say() { echo "clean_room.sh: $*" >&2; }
die() {
  say "$*"
  exit 2
}

# ---- The command line -----------------------------------------------------------------------------
case ${1:-} in
  -h | --help) usage; exit 0 ;;
  '') usage >&2; exit 2 ;;
  12 | bookworm) suite=bookworm ;;
  13 | trixie) suite=trixie ;;
  14 | forky | testing) suite=testing ;;
  sid | unstable) suite=sid ;;
  *) die "unknown release '$1' (expected 12, 13, testing, sid, bookworm, trixie or forky)" ;;
esac
shift
gets=() binds=() network=true fresh=false mirror=
while [[ $# -gt 0 ]]; do
  case $1 in
    --get | --data | --mirror)
      [[ $# -ge 2 ]] || die "$1 needs a value"
      case $1 in
        --get)
          [[ $2 == ?*=?* ]] || die "--get $2: expected PATH=DIR"
          [[ /${2%%=*}/ != */../* && $2 != /* ]] || die "--get $2: PATH is one inside the tree"
          gets+=("${2%%=*}=$(realpath -m -- "${2#*=}")") ;;
        --data)
          [[ -d ${2%%=*} ]] || die "--data ${2%%=*}: no such folder"
          [[ $2 != *=* || $2 == *=/?* ]] || die "--data $2: PATH begins with /"
          to=/data
          [[ $2 != *=* ]] || to=${2#*=}
          binds+=("$(realpath -- "${2%%=*}")=$to") ;;
        --mirror) mirror=$2 ;;
      esac
      shift ;;
    --no-network) network=false ;;
    --fresh) fresh=true ;;
    -h | --help) usage; exit 0 ;;
    --) shift; break ;;
    -*) die "unknown option '$1'" ;;
    *) break ;;
  esac
  shift
done
[[ $# -gt 0 ]] || die "no command"

# ---- What this machine allows ---------------------------------------------------------------------
# Every mount is made in a mount namespace of its own, so that none outlives its processes, and these
# end with this script, however it ends: the first of their process namespace is killed with it.
die_with_me=(setpriv --pdeathsig=KILL)
alone=("${die_with_me[@]}" unshare --mount --mount-proc --pid --fork --kill-child=KILL)
if [[ $(id -u) == 0 ]] && unshare --mount mount -t tmpfs tmpfs /mnt 2>/dev/null; then
  mode=root as_root=() user=()
elif unshare --user --map-root-user --map-auto --mount mount -t tmpfs tmpfs /mnt 2>/dev/null; then
  mode=unshare user=(--user --map-root-user --map-auto)
  as_root=(unshare "${user[@]}")
else
  die "no room: neither root that may mount nor user namespaces (unshare --user --map-auto, a line in /etc/subuid) here"
fi

mkdir -p "$rooms/debs/$suite" || die "$rooms cannot be made"
rooms=$(cd "$rooms" && pwd)
base=$rooms/$suite
run=
child=
# shellcheck disable=SC2317
end() {
  local status=$?
  trap - EXIT
  [[ -z $child ]] || { kill -KILL "$child" 2>/dev/null && wait "$child" 2>/dev/null; } || true
  [[ -z $run ]] || "${as_root[@]}" rm -rf --one-file-system "$run"
  exit "$status"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
# In the background, so that a signal to this script is handled at once.
background() {
  "$@" <&0 &
  child=$!
  local status=0
  wait "$child" || status=$?
  child=
  return "$status"
}
# A function of this script and its arguments, as root in namespaces of its own.
confined() { background "${alone[@]}" "${user[@]}" bash -euc "$(declare -f "$1")"$'\n"$@"' clean_room.sh "$@"; }

# What a run left that was killed with -9: its lock is free.
for old in "$rooms"/run.*; do
  [[ ! -f $old/lock ]] || ! flock -n "$old/lock" true || "${as_root[@]}" rm -rf --one-file-system "$old"
done
run=$(mktemp -d "$rooms/run.XXXXXX")
chmod 755 "$run"
exec 8>"$run/lock" 9>>"$base.lock"
flock 8

# ---- The base -------------------------------------------------------------------------------------
# apt here knows which mirror; elsewhere Debian's own is taken.
# shellcheck disable=SC2016
host_mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' "Label: $1" 2>/dev/null |
    sed 's|/$||' | head -1 || true
}
sources() {
  local uri=${mirror:-$(host_mirror Debian)} security
  [[ $uri == http* ]] || uri=http://deb.debian.org/debian
  echo "deb $uri $suite main"
  [[ $suite == testing || $suite == sid ]] && return
  security=$(host_mirror Debian-Security)
  [[ $security == http* ]] || security=http://deb.debian.org/debian-security
  echo "deb $uri $suite-updates main"
  echo "deb $security $suite-security main"
}
# A mirror's copy may be older than its metadata is valid for.
apt_options=('Acquire::Check-Valid-Until "false";' 'Acquire::Check-Date "false";' 'Acquire::Languages "none";')

# shellcheck disable=SC2317
bootstrap() { # RUN SUITE: into RUN/base
  local run=$1 suite=$2 uri
  if [[ -f $run/base.tar ]]; then
    tar --extract --file "$run/base.tar" --directory "$run/base" --exclude='./dev/*' --numeric-owner --same-owner
  else
    read -r _ uri _ <"$run/sources.list"
    debootstrap --variant=minbase "$suite" "$run/base" "$uri"
    rm -f "$run"/base/var/cache/apt/archives/*.deb
  fi
  rm -f "$run"/base/etc/apt/sources.list.d/*
  cp "$run/sources.list" "$run/base/etc/apt/sources.list"
  cp "$run/apt.conf" "$run/base/etc/apt/apt.conf.d/99clean-room"
}
make_base() {
  local make=()
  mkdir "$run/base"
  sources >"$run/sources.list"
  { printf '%s\n' "${apt_options[@]}"; apt-config dump 2>/dev/null | grep -iE '^Acquire::https?::(Proxy|[^:]*::Proxy|CAInfo)' || true; } >"$run/apt.conf"
  if command -v mmdebstrap >/dev/null; then
    make=(mmdebstrap --quiet --variant=minbase --mode="$mode" --format=tar)
    while IFS= read -r line; do make+=("--aptopt=$line"); done <"$run/apt.conf"
    make+=("$suite" "$run/base.tar" "$run/sources.list")
    if [[ $mode == root ]]; then
      make=(env TMPDIR="$run" "${alone[@]}" "${make[@]}")
    else # it makes a namespace itself
      make=("${die_with_me[@]}" "${make[@]}")
    fi
    background "${make[@]}" || return
  elif [[ $mode == unshare ]] || ! command -v debootstrap >/dev/null; then
    die "mmdebstrap is not installed (debootstrap does only for root)"
  fi
  confined bootstrap "$run" "$suite" >"$run/log" 2>&1 || { tail -n 5 "$run/log" >&2; return 1; }
  rm -f "$run/base.tar"
  "${as_root[@]}" rm -rf --one-file-system "$base"
  "${as_root[@]}" mv "$run/base" "$base"
  touch "$base.made"
  find "$rooms/debs/$suite" -name '*.deb' -atime +30 -delete
}
fresh_enough() { [[ -d $base && -n $(find "$base.made" -mtime -1 2>/dev/null) ]]; }
if $fresh || ! fresh_enough; then
  if flock -n 9 || { [[ ! -d $base ]] && flock 9; }; then
    if $fresh || ! fresh_enough; then # another run may have made it meanwhile
      say "making the base of $suite"
      if ! make_base; then
        [[ -d $base ]] || die "the base of $suite could not be made"
        say "the base of $suite could not be brought up to date; this one is of $(date -r "$base.made" +%F)"
      fi
    fi
  else
    say "the base of $suite is in use and stays as it is"
  fi
fi
flock -s 9

# ---- The room -------------------------------------------------------------------------------------
changed=$(git -C "$tree" status --porcelain | wc -l)
[[ $changed == 0 ]] || say "$changed changed or untracked files stay out: only what is committed is copied"
git clone --quiet "$tree" "$run/tree" || die "$tree could not be cloned"
git -C "$run/tree" remote remove origin
mkdir "$run/root" "$run/up" "$run/work" "$run/debs"

# shellcheck disable=SC2317
room() { # MODE RUN BASE ARCHIVES NETWORK FROM=TO… -- COMMAND…
  local run=$2 base=$3 debs=$4 network=$5 root=$2/root layers options node file keep status=0
  layers=lowerdir=$base,upperdir=$run/up,workdir=$run/work
  [[ $1 == root ]] || layers+=,userxattr # else it cannot rename folders
  shift 5
  if ! mount -t overlay overlay -o "$layers" "$root" 2>/dev/null; then
    cp -a --reflink=auto "$base/." "$root"
    mount --bind "$root" "$root"
  fi
  # a user namespace may not drop what the mount was made with
  read_only() {
    for options in "" ,nosuid,nodev ,nosuid,nodev,noexec; do
      ! mount -o "remount,bind,ro$options" "$1" 2>/dev/null || return 0
    done
    echo "clean_room.sh: $1 cannot be made read-only" >&2
    return 1
  }
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  read_only "$root/sys"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  mkdir -m 1777 "$root/dev/shm"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  for node in null zero full random urandom tty; do
    [[ -e /dev/$node ]] || continue
    touch "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
  done
  mkdir "$root/dev/pts"
  if mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$root/dev/pts" 2>/dev/null; then
    ln -s pts/ptmx "$root/dev/ptmx"
  fi
  ln -s /proc/self/fd "$root/dev/fd"
  for node in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${node%:*}" "$root/dev/${node#*:}"; done

  mkdir -p "$root/root/poolbench"
  mount --bind "$run/tree" "$root/root/poolbench"
  cp -al "$debs/." "$run/debs" 2>/dev/null || cp -a "$debs/." "$run/debs"
  mkdir -p "$run/debs/partial"
  mount --bind "$run/debs" "$root/var/cache/apt/archives"
  rm -f "$root/etc/resolv.conf"
  ! $network || cat /etc/resolv.conf >"$root/etc/resolv.conf"
  while [[ $1 != -- ]]; do
    mkdir -p "$root${1#*=}"
    mount --bind "${1%%=*}" "$root${1#*=}"
    read_only "$root${1#*=}"
    shift
  done
  shift

  keep=("TERM=${TERM:-dumb}")
  for node in http_proxy https_proxy no_proxy; do [[ -z ${!node:-} ]] || keep+=("$node=${!node}"); done
  # shellcheck disable=SC2016
  env -i --default-signal=INT,QUIT "${keep[@]}" HOME=/root USER=root LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    chroot "$root" sh -c 'cd /root/poolbench && exec "$@"' sh "$@" || status=$?
  for file in "$run"/debs/*.deb; do
    [[ ! -f $file || -e $debs/${file##*/} ]] || mv "$file" "$debs"
  done
  exit "$status"
}
$network || alone+=(--net)
status=0
confined room "$mode" "$run" "$base" "$rooms/debs/$suite" "$network" "${binds[@]}" -- "$@" || status=$?

# ---- What it brings back --------------------------------------------------------------------------
for get in "${gets[@]}"; do
  from=$run/tree/${get%%=*} to=${get#*=}
  if [[ ! -e $from ]]; then
    say "--get ${get%%=*}: the command made no such file"
    [[ $status != 0 ]] || status=1
    continue
  fi
  [[ ! -d $from ]] || from=$from/.
  mkdir -p "$to"
  "${as_root[@]}" cp -a "$from" "$to/"
done
exit "$status"
