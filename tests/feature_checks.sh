#!/usr/bin/env bash
# Combinations of features compile, without a warning: the core, and the C ABI over it.
#
# Usage: tests/feature_checks.sh [N]   (every Nth of the 288, by default every 13th, which is what
#        `make test` has time for; `make matrix` looks at all)
#
# An N that never meets one of a feature's states, as one does that divides the order's periods, is
# refused.
#
# cargo says once, of the whole library, how it calls the compiler; the same calls are made for each
# combination, a feature more or less each time, so that the compiler's incremental results serve
# the next. That a dependency comes with its feature is seen by tests/feature_matrix.sh, in cargo's
# own builds.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${CARGO:=cargo}"
every=${1:-13}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/matrix
work=$CARGO_TARGET_DIR/checks
mkdir -p "$work"
locked=()
[ -z "${CI:-}" ] || locked=(--locked)

# The features in an order in which neighbours differ in one: each row's choices are gone through
# forwards and backwards. Of zstd and password there are three states.
combinations=("")
for row in seal public-key legacy-v1 callbacks 'zstd-decompress zstd-decompress,zstd' \
    'password password,argon2'; do
    more=() backwards=()
    for rest in "${combinations[@]}"; do
        read -ra choices <<<"- $row"
        [ ${#backwards[@]} -eq 0 ] || choices=("${backwards[@]}")
        backwards=()
        for choice in "${choices[@]}"; do
            more+=("$rest $choice")
            backwards=("$choice" "${backwards[@]}")
        done
    done
    combinations=("${more[@]}")
done
chosen=()
for ((i = 0; i < ${#combinations[@]}; i += every)); do chosen+=("${combinations[i]}"); done

# states: of combinations, which choices each row's place has.
states() { awk '{ for (row = 1; row <= NF; row++) print row, $row }' | LC_ALL=C sort -u; }
missing=$(LC_ALL=C comm -23 <(printf '%s\n' "${combinations[@]}" | states) \
    <(printf '%s\n' "${chosen[@]}" | states))
if [ -n "$missing" ]; then
    printf 'every %sth combination leaves out states (row, choice):\n%s\n' "$every" "$missing"
    exit 1
fi

# A compiler that notes its arguments and surroundings under the crate's name. The notes stay for
# as long as what cargo made then is fresh.
cat >"$work/noting" <<'END'
#!/usr/bin/env bash
name=
for argument; do
    [ "$name" != --crate-name ] || break
    name=$argument
done
printf '%s\0' "$@" >"$NOTES/$argument.arguments"
export -p >"$NOTES/$argument.surroundings"
exec "$@"
END
chmod +x "$work/noting"
NOTES=$work RUSTC_WORKSPACE_WRAPPER=$work/noting CARGO_INCREMENTAL=0 \
    "$CARGO" check -q "${locked[@]}" -p coffre-ffi --target-dir "$work/cargo"

# compile CRATE LANE FEATURE...: one crate, with warnings as errors.
compile() {
    local crate=$1 lane=$2 arguments call=() skip=
    shift 2
    mapfile -d '' arguments <"$work/$crate.arguments"
    for argument in "${arguments[@]}"; do
        case $skip$argument in
        --cfg | --extern | --out-dir) skip=$argument ;;
        --cfgfeature=*) skip= ;;
        --out-dir*) call+=(--out-dir "$lane") skip= ;;
        --externcoffre_core=*)
            call+=(--extern "coffre_core=$(echo "$lane"/libcoffre_core*.rmeta)") skip=
            ;;
        --cfg* | --extern*) call+=("$skip" "$argument") skip= ;;
        --error-format=* | --json=* | -Cdebuginfo*) ;;
        *) call+=("$argument") skip= ;;
        esac
    done
    for feature; do call+=(--cfg "feature=\"$feature\""); done
    (
        # shellcheck disable=SC1090 # what cargo sets for the crate
        . "$work/$crate.surroundings"
        unset CARGO_MAKEFLAGS MAKEFLAGS MFLAGS
        "${call[@]}" -D warnings -C incremental="$lane/incremental"
    )
}

# lane NAME FEATURE...: all combinations with these features beside.
lane() {
    local lane=$work/$1 combination feature features
    shift
    mkdir -p "$lane"
    rm -f "$lane"/*.rmeta
    for combination in "${chosen[@]}"; do
        features=("$@")
        for feature in ${combination//,/ }; do
            [ "$feature" = - ] || features+=("$feature")
        done
        if ! compile coffre_core "$lane" "${features[@]}" >"$lane/log" 2>&1 ||
            ! compile coffre_ffi "$lane" "${features[@]}" os-random >"$lane/log" 2>&1; then
            echo "with the features '${features[*]}':"
            cat "$lane/log"
            return 1
        fi
    done
}

lane small &
small=$!
failed=0
lane fast fast-software || failed=1
wait $small || failed=1
[ $failed -eq 0 ] || exit 1
echo "$((2 * ${#chosen[@]})) combinations compile"
