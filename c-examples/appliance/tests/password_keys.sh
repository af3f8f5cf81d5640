#!/bin/bash
# A password as the repository's key: nothing secret is stored, one derivation opens everything, and
# what can be wrong with it has its own words.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2317 # functions whose names are given to check
. "$(dirname "$0")/common.bash"
make_image "$work/a.img"
cp "$work/a.img" "$work/b.img"
change_image "$work/b.img"
secret='correct horse battery staple'
printf '%s\n' "$secret" >"$work/right"
printf 'wrong horse battery staple' >"$work/wrong"
printf 'another long one that is fine' >"$work/second"
export APPLIANCE_PASSWORD_FILE=$work/right

expect 0 init "instance id" init
printf 'too short' >"$work/short"
expect 16 "a short password" "at least 15 bytes" keygen --password --password-file "$work/short"
printf 'aaaaaaaaaaaaaaaaaaaaaaaaa' >"$work/short"
expect 16 "one of few different bytes" "5 different" keygen --password \
    --password-file "$work/short"
check "it makes no directory" test ! -e "$keys"
: >"$work/empty"
expect 2 "an empty file" "holds no password" keygen --password --password-file "$work/empty"
head -c 2000 /dev/zero | tr '\0' x >"$work/long"
expect 2 "a file that is no password" "expected at most" keygen --password \
    --password-file "$work/long"
expect 10 "no such file" "is missing" keygen --password --password-file "$work/none"
expect 2 "a hint of two lines" "printable text" keygen --password --hint $'two\nlines'
expect 2 "a long hint" "at most 64 bytes" keygen --password --hint "$(printf '%065d' 0)"
expect 2 "two kinds at once" "expected one of" keygen --password --kek

expect 0 "keygen --password" "key kind  *password" keygen --password --hint 'the "comic" one'
check "only the challenge lies there" test "$(cd "$keys" && echo *)" = challenge.rec
check "it has no secret in it" test -z "$(grep -l "$secret" "$keys/challenge.rec")"
expect 5 "keygen again" "nothing was changed" keygen
expect 0 check "match" check
expect 0 "first backup" "restore point" backup "$work/a.img" --block-size 64K
expect 0 "second backup" "restore point" backup "$work/b.img" --block-size 64K
first=$(point 0) second=$(point 1)
expect 0 verify "finding count  *0" verify
check restore restores "$first" a.img
expect 0 "report names kind, hint and cost" \
    'password (PBKDF2) .*, hint "the "comic" one", 600000 iterations' report
run report --json >"$work/json"
check "in JSON: the hint" test "$(value keys.0.hint <"$work/json")" = 'the "comic" one'
check "in JSON: the cost" test "$(value keys.0.iterations <"$work/json")" = 600000

# The wrong password.
export APPLIANCE_PASSWORD_FILE=$work/wrong
expect 11 "check" 'wrong key: .*challenge.rec: wrong password.*"the "comic" one"' check
check "the verdict" test "$(run check --json | value verdict)" = "wrong key"
expect 11 "backup" "wrong password" backup "$work/b.img"
expect 11 "restore" "wrong password" restore latest "$work/x"
expect 11 "verify" "wrong password" verify
expect 11 "keygen" "wrong password" keygen
check "no message has the password" test -z "$(grep horse "$work/said")"
export APPLIANCE_PASSWORD_FILE=$work/right

# A lost challenge: the records have the setting too.
mv "$keys" "$work/kept"
unset APPLIANCE_PASSWORD_FILE
expect 10 "no directory, and no word of a password" "expected private.pem or kek.bin" check
export APPLIANCE_PASSWORD_FILE=$work/right
expect 0 "verify without the directory" "finding count  *0" verify
check "restore without it" restores "$second" b.img
expect 10 "check says what is missing" "challenge.rec, found nothing" check
expect 10 "and no backup" "challenge.rec, found nothing" backup "$work/b.img"
expect 11 "nor with a wrong one" "repository.rec: wrong password" verify \
    --password-file "$work/wrong"
rm "$repo/repository.rec"
expect 0 "the record is in the database too" "finding count  *0" verify
sqlite3 "$repo/coffre.sqlite" "DELETE FROM records WHERE name = 'repository.rec'"
expect 0 "and a restore point's will do" "finding count  *0" verify
expect 11 "keygen with a wrong one" "wrong password.*comic.*remove-key ID" keygen --password \
    --password-file "$work/wrong"
check "it makes no challenge" test ! -e "$keys"
expect 0 "keygen writes it again" "new challenge  *yes" keygen --password
expect 0 "and it matches" "match" check
expect 0 "backups go on" "restore point" backup "$work/a.img" --block-size 64K
printf 'damage' >"$keys/challenge.rec"
expect 12 "a damaged challenge" "delete it and run .appliance keygen" check
rm -rf "$keys"
cp -r "$work/kept" "$keys"

# At the terminal: asked for without echo, twice when it is set.
terminal() { # terminal "ANSWERS" ARGUMENTS...: with a terminal of its own; what it showed is shown
    python3 - "$@" <<'EOF'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.environ.pop("APPLIANCE_PASSWORD_FILE", None)
    os.execv(sys.argv[2], sys.argv[2:])
seen, answers = b"", sys.argv[1].split("|")
while True:
    try:
        piece = os.read(fd, 4096)
    except OSError:
        break
    if not piece:
        break
    seen += piece
    if answers and seen.rstrip(b" ").endswith(b":"):
        os.write(fd, answers.pop(0).encode() + b"\n")
sys.stdout.write(seen.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
EOF
}
ask() { terminal "$1" "$appliance" --repo "$repo" --keys "$keys" --quiet "${@:2}"; }
ask "$secret" check >"$work/shown"
check "asked at the terminal" test $? = 0
check "by name" grep -q "^Password for .*keys:" "$work/shown"
check "without echo" test -z "$(grep horse "$work/shown")"
ask "wrong horse battery staple" check >"$work/shown"
check "a wrong one" test $? = 11
ask $'\003' check >"$work/shown" # interrupted: by the signal, or with a message where it is ignored
check "interrupted" test $? != 0
ask "a fine long password|a fine long passwort" keygen --keys "$work/k" --password --hint x \
    >"$work/shown"
check "two that differ" test $? = 2
check "say so" grep -q "differ" "$work/shown"
ask "a fine long password|a fine long password" keygen --keys "$work/k" --password --hint x \
    >"$work/shown"
check "twice the same" test $? = 0
(unset APPLIANCE_PASSWORD_FILE && setsid "$appliance" --repo "$repo" --keys "$keys" check \
    </dev/null >"$work/shown" 2>&1)
check "no terminal and no file" test $? = 2
check "says what to do" grep -q -- "--password-file" "$work/shown"

# Argon2id, and from a password to a password: a record has one at most.
expect 0 "keygen --argon2id" "key kind" keygen --keys "$work/new" --password --argon2id \
    --password-file "$work/second"
expect 5 "not two at once" "has a password already" add-key --new-keys "$work/new" \
    --new-password-file "$work/second"
expect 11 "rekey, the new one is wrong" "the new keys' challenge: wrong password" rekey \
    --new-keys "$work/new" --new-password-file "$work/wrong"
expect 0 "from a password to a password" "committed  *yes" rekey --new-keys "$work/new" \
    --new-password-file "$work/second"
expect 14 "the old one is stale" "stale" check
keys=$work/new
export APPLIANCE_PASSWORD_FILE=$work/second
expect 0 "the new one" "match" check
expect 0 "it opens everything" "finding count  *0" verify
expect 0 "and costs memory" "password (Argon2id) .* 65536 KiB in 3 passes" report
check "restore with it" restores "$first" a.img

# A cost beyond the policy is refused before any work. Of the challenge: iterations at 164.
if "$python" -c 'import xxhash' 2>/dev/null; then
    keys=$work/kept
    "$python" -c '
import struct, sys, xxhash
b = bytearray(open(sys.argv[1], "rb").read())
assert struct.unpack_from("<I", b, 164) == (600000,)
struct.pack_into("<I", b, 164, 4000000000)
b[-8:] = xxhash.xxh3_64_intdigest(bytes(b[:-8])).to_bytes(8, "little")
open(sys.argv[1], "wb").write(b)' "$keys/challenge.rec"
    expect 16 "a cost beyond the policy" "would cost 4000000000 iterations" check
else
    skipped "a cost beyond the policy" "no python3 with xxhash"
fi
finish
