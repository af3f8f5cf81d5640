#!/usr/bin/env bash
# Measures everything of docs/PERFORMANCE.md, and writes its tables, its plot and build/bench.json.
#
# Usage: make bench, or scripts/bench.sh PART... when some parts are to be repeated; aead, corpus
#        and random may end with a size, as corpus:65536
#        make bench-quick: shows that everything works; few rounds, figures that mean nothing, in
#        build/bench-quick
#
# The parts leave their figures in build/bench, a file each; the last one makes documents of them,
# and fails when a figure is missing. A part that fails does not keep the others from their turn;
# the exit code is 1 at the end. An idle machine gives the steadiest figures; how busy it was
# meanwhile stands beside them. BENCH_RUN is put before each program that measures, for example
# BENCH_RUN='chrt -f 5'.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${CARGO:=cargo}"
: "${BENCH_QUICK:=}"
export BENCH_QUICK
[ "$BENCH_QUICK" != 0 ] || BENCH_QUICK=
target=${CARGO_TARGET_DIR:-$PWD/target}
logs=build/logs
directory=build/bench${BENCH_QUICK:+-quick}
read -r -a run <<<"${BENCH_RUN:-}"
locked=()
[ -z "${CI:-}" ] || locked=(--locked)
mkdir -p "$logs" "$directory"

parts=(portable aead stored rekey corpus random threads passwords dirty_halves each documents)
[ $# -eq 0 ] || parts=("$@")

say() { printf '%4d s  %s\n' "$SECONDS" "$1"; }

# logged NAME COMMAND...: its output goes to a log, of which the end is shown when it failed.
logged() {
    local log=$logs/bench-$1.log code=0
    shift
    "$@" >"$log" 2>&1 || code=$?
    [ $code -eq 0 ] || { tail -n 25 "$log" >&2; echo "bench: see $log" >&2; }
    return $code
}

# --- what the measurements need ---

# Ready-made ones may stay: the corpus depends on this machine's files alone.
if [ ! -s build/corpus.bin ]; then
    say "the corpus: build/corpus.bin"
    python3 benches/corpus.py build/corpus.bin
fi
if ! cmp -s benches/requirements.txt build/bench-venv/requirements.txt; then
    say "Python packages into build/bench-venv"
    python3 -m venv build/bench-venv
    logged pip build/bench-venv/bin/pip install -r benches/requirements.txt
    cp benches/requirements.txt build/bench-venv/
fi

# RustCrypto's software is chosen for a whole build.
soft_flags="--cfg getrandom_backend=\"linux_getrandom\" \
    --cfg aes_backend=\"soft\" --cfg polyval_backend=\"soft\""

# bench NAME ARGUMENT...: the programs are those that were just built.
bench() {
    local name=$1
    shift
    if [ "$name" = portable ]; then
        RUSTFLAGS=$soft_flags CARGO_TARGET_DIR=$target/soft "${run[@]}" "$CARGO" bench -q \
            "${locked[@]}" -p coffre-benches-soft --bench portable -- "$@"
    else
        "${run[@]}" "$CARGO" bench -q "${locked[@]}" -p coffre-benches --bench "$name" -- "$@"
    fi
}

programs=() names=
for part in "${parts[@]}"; do
    case $part in
    portable)
        say "building: portable"
        RUSTFLAGS=$soft_flags CARGO_TARGET_DIR=$target/soft logged build-portable \
            "$CARGO" bench "${locked[@]}" -p coffre-benches-soft --no-run
        ;;
    *)
        name=$part
        case $part in
        aead* | stored | rekey | corpus* | random*) name=ratios ;;
        documents) name=performance_md ;;
        esac
        [[ $names == *" $name"* ]] || programs+=(--bench "$name")
        names+=" $name"
        ;;
    esac
done
say "building:$(printf ' %s' "${programs[@]/--bench/}" | tr -s ' ')"
[ ${#programs[@]} -eq 0 ] ||
    logged build "$CARGO" bench "${locked[@]}" -p coffre-benches --no-run "${programs[@]}"

# --- the measurements ---

# In its test mode criterion calls everything once.
each_mode=--quick
[ -z "$BENCH_QUICK" ] || each_mode=--test

began=$SECONDS failed=()
for part in "${parts[@]}"; do
    say "$part"
    case $part in
    aead* | stored | rekey | corpus* | random*) logged "$part" bench ratios "$part" ;;
    each) logged each bench each --noplot "$each_mode" ;;
    documents) bench performance_md ;;
    *) logged "$part" bench "$part" ;;
    esac || failed+=("$part")
done
say "measured in $((SECONDS - began)) s; what was printed is in $logs/bench-*.log"
[ ${#failed[@]} -eq 0 ] || { echo "bench: FAILED: ${failed[*]}" >&2; exit 1; }
