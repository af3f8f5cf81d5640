#!/usr/bin/env bash
# Runs make demo, make demo-keys and make test on a minimal Debian 12 that has git and make, and
# nothing else.
#
# Usage: make bare-test, as root; or scripts/bare-machine.sh [MAKE-GOAL]...   (default: those three)
#
#   BARE_DIR=DIR     where the machine stands; it is kept, and used again when it's there
#   BARE_WORKTREE=1  takes the files of the work tree instead of cloning what is committed
#
# The machine is a chroot made by debootstrap. The package sources and what it takes to reach them
# (proxies, certificates) are this machine's own.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- demo demo-keys test

# not_here REASON
not_here() {
    echo "bare-machine: $1" >&2
    exit 77
}
[ "$(id -u)" -eq 0 ] || not_here "only root can chroot"
command -v debootstrap >/dev/null || not_here "apt-get install debootstrap first"

# source_of SUITE: the address of this machine's source for it.
source_of() {
    # shellcheck disable=SC2016 # apt expands these
    apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(CREATED_BY) $(REPO_URI)' |
        awk -v suite="$1" '$1 == suite && $2 == "main" && $3 == "Packages" { print $4; exit }'
}
main=$(source_of bookworm)
security=$(source_of bookworm-security)
if [ -z "$main" ] || [ -z "$security" ]; then
    not_here "no sources for bookworm and bookworm-security here (try apt-get update)"
fi

machine=${BARE_DIR:-$(mktemp -d /var/tmp/coffre-bare.XXXXXX)}
[ -n "${BARE_DIR:-}" ] || trap 'rm -rf --one-file-system "$machine"' EXIT

if [ ! -e "$machine/etc/debian_version" ]; then
    echo "bare-machine: a minimal bookworm in $machine"
    if ! debootstrap --variant=minbase --include=git,make bookworm "$machine" "$main" \
        >"$machine.log" 2>&1; then
        tail -n 20 "$machine.log" >&2
        exit 1
    fi
    rm -f "$machine.log"
    printf 'deb %s bookworm main\ndeb %s bookworm-security main\n' "$main" "$security" \
        >"$machine/etc/apt/sources.list"
fi

# copy PATH...: a file or directory of this machine, if it's there.
copy() {
    local path
    for path in "$@"; do
        [ -e "$path" ] || continue
        mkdir -p "$machine${path%/*}"
        cp -rL "$path" "$machine${path%/*}/"
    done
}
copy /etc/resolv.conf /etc/hosts /etc/pip.conf /usr/local/share/ca-certificates
copy "$HOME/.cargo/config.toml" "$HOME/.config/pip/pip.conf"
mapfile -t apt < <(grep -rlE 'Acquire::(https?::)?(Proxy|Check)' /etc/apt/apt.conf.d || true)
copy "${apt[@]}"

settings=(HOME=/root TERM="${TERM:-dumb}" PATH=/usr/sbin:/usr/bin:/sbin:/bin)
taken='(https?|all|no)_proxy|PIP_(CERT|INDEX_URL|DEFAULT_TIMEOUT)|SSL_CERT_FILE|CARGO_HTTP_[A-Z_]+'
mapfile -t -O ${#settings[@]} settings < <(env | grep -iE "^($taken)=" || true)

rm -rf "$machine/root/coffre"
if [ -n "${BARE_WORKTREE:-}" ]; then
    mkdir -p "$machine/root/coffre"
    git ls-files -co --exclude-standard -z | tar --null --ignore-failed-read -cf - -T - |
        tar -xf - -C "$machine/root/coffre"
else
    git clone -q . "$machine/root/coffre"
fi

# run COMMAND...: in the machine. Its mounts are private to a namespace, and gone with the command.
run() {
    # shellcheck disable=SC2016 # the inner shell expands these
    unshare --mount --propagation private bash -c 'machine=$1; shift
        mount --bind /proc "$machine/proc" && mount --rbind /dev "$machine/dev" && exec "$@"' \
        - "$machine" env -i "${settings[@]}" chroot "$machine" "$@"
}

for goal in "$@"; do
    echo "bare-machine: make $goal"
    started=$SECONDS
    run make -C /root/coffre "$goal"
    echo "bare-machine: make $goal took $((SECONDS - started)) s"
done
