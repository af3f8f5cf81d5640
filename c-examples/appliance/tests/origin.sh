#!/bin/bash
# Who made a restore point: signed backups, and everything that somebody without the origin key can
# do to look like its owner.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
origin=$work/origin other_origin=$work/other-origin
tamper() { "$python" "$here/tamper.py" "$@"; }
can_tamper() { "$python" -c 'import xxhash, cryptography' 2>/dev/null; }
# nothing NAME: the refused restore before made no file, not even for a moment
nothing() { check "$1" test "$before" = "$(ls -A "$work/target"; stat -c %y "$work/target")"; }
mkdir "$work/target"
before=$(ls -A "$work/target"; stat -c %y "$work/target")
to=$work/target/image

# The key.
expect 2 "origin-key without a file" "needs --origin-key" origin-key
expect 0 "origin-key" "public key sha256  *[0-9a-f]\{64\}" origin-key --origin-key "$origin"
id=$(sed -n 's/^key id  *//p' "$work/said")
check "the private half is 0600" test "$(stat -c %a "$origin")" = 600
digest=$(openssl pkey -pubin -in "$origin.pub" -outform DER | sha256sum | cut -d ' ' -f 1)
check "openssl makes the same digest" grep -q "$digest" "$work/said"
check "and reads the private half" openssl pkey -in "$origin" -noout
cp "$origin" "$work/copy"
expect 5 "a second one is refused" "exists; nothing was changed" origin-key --origin-key "$origin"
check "nothing was changed" cmp "$origin" "$work/copy"
cp "$origin.pub" "$work/copy.pub"
rm "$origin.pub"
expect 0 "the lost public half is made again" "$id" origin-key --origin-key "$origin"
check "it is the same" cmp "$origin.pub" "$work/copy.pub"
run origin-key --origin-key "$other_origin" >/dev/null

# Signed, and not.
start
unsigned=$(point 0)
expect 0 "signed backup" "signed by  *$id" backup "$work/b.img" --block-size 64K \
    --origin-key "$origin"
signed=$(point 1)
expect 0 "signed backup of the same image" "reused blocks  *12" backup "$work/b.img" \
    --block-size 64K --origin-key "$origin"
expect 0 "ls names the key that a signature names" "$signed .*signature of $id" ls
expect 0 "scrub knows signatures" "^signatures  *2$" scrub
expect 0 "verify without an origin" "^origin  *unverified (a signature of $id is there" \
    verify "$signed"
expect 0 "verify with it" "^origin  *verified, restore point $signed$" verify "$signed" \
    --origin "$origin.pub"
APPLIANCE_ORIGIN=$origin.pub expect 0 "and by the environment" "^origin  *verified," verify \
    "$signed"
expect 16 "verify of all" "points/$unsigned is unverified: expected .* $id, found none" verify \
    --origin "$origin.pub"
run verify "$signed" --origin "$origin.pub" --json >"$work/json"
check "verdict in JSON" test "$(value origins.0.origin <"$work/json")" = verified
check "key id in JSON" test "$(value origins.0.origin_key_id <"$work/json")" = "$id"
expect 0 "restore with it" "^origin  *verified$" restore "$signed" "$work/x" --origin "$origin.pub"
check "the image is right" cmp "$work/x" "$work/b.img"
expect 0 "restore without" "^origin  *unverified (a signature" restore "$signed" "$work/x" --force
expect 0 "restore of the unsigned one" "^origin  *unverified$" restore "$unsigned" "$work/y"
expect 16 "unsigned, but demanded" "is unverified" restore "$unsigned" "$to" --origin "$origin.pub"
nothing "nothing is created"
expect 16 "another key is demanded" "found one of $id" restore "$signed" "$to" \
    --origin "$other_origin.pub"
nothing "nothing is created"
expect 16 "the key that opens backups" "proves nothing\|says nothing of who" restore "$signed" \
    "$to" --origin "$keys/public.pem"
expect 12 "the private half in its place" "FILE.pub" verify --origin "$origin"
expect 10 "no such file" "found nothing" verify --origin "$work/none"
expect 16 "a recipient's key does not sign" "opens backups" backup "$work/b.img" \
    --origin-key "$keys/private.pem"
check "nothing is left of it" test -z "$(ls -A "$repo/unfinished")"

# And a key that signs does not open backups.
mkdir "$work/signs" "$work/signs-public"
cp "$origin" "$work/signs/private.pem"
cp "$origin.pub" "$work/signs-public/public.pem"
for signs in signs signs-public; do
    expect 16 "$signs: add-key" "$id .* is an origin key: it signs restore points" \
        add-key --new-keys "$work/$signs"
    expect 16 "$signs: backup --keep" "is an origin key" backup "$work/b.img" --keep "$work/$signs"
    expect 16 "$signs: rotate --keep" "is an origin key" rotate --keep "$work/$signs"
done
expect 16 "signs: rekey" "is an origin key" rekey --new-keys "$work/signs"
check "nothing was changed" test -z "$(run report | grep "$id")"

# sign
expect 16 "sign without digests" "Make a new backup" sign "$unsigned" --origin-key "$origin"
expect 0 "sign what is signed" "^new signature  *no$" sign "$signed" --origin-key "$origin"
expect 0 "backup with digests" "^digests  *yes" backup "$work/a.img" --block-size 64K --digests
later=$(point 3)
expect 16 "not signed yet" "found none" verify "$later" --origin "$origin.pub"
expect 0 "sign it later" "^new signature  *yes$" sign "$later" --origin-key "$origin"
expect 0 "now it is" "^origin  *verified," verify "$later" --origin "$origin.pub"
expect 0 "sign with another key" "signature of $id that was there is replaced" sign "$later" \
    --origin-key "$other_origin"
expect 16 "the first key's no more" "is unverified" verify "$later" --origin "$origin.pub"
expect 16 "sign with a recipient's" "opens backups" sign "$later" --origin-key "$keys/private.pem"
run sign "$later" --origin-key "$origin" >/dev/null 2>&1

# For openssl.
expect 0 "origin-export" "manifest sha256" origin-export "$signed" --out "$work/export"
files=$work/export/$signed
check "openssl verifies it" openssl dgst -sha256 -verify "$origin.pub" \
    -signature "$files.signature.der" "$files.message"
sum=$(sha256sum <"$repo/points/$signed/manifest" | cut -d ' ' -f 1)
check "the message ends with the manifest's SHA-256" \
    test "$(tail -c 32 "$files.message" | od -An -tx1 | tr -d ' \n')" = "$sum"
expect 5 "it overwrites nothing" "exists" origin-export "$signed" --out "$work/export"
expect 10 "origin-export of an unsigned one" "is not signed" origin-export "$unsigned" \
    --out "$work/export"

# Rekey, add-key and rebuild leave signatures as they are.
run keygen --keys "$work/new" >/dev/null 2>&1
cp -a "$repo" "$work/good"
fresh() {
    rm -rf "$repo"
    cp -a "$work/good" "$repo"
}
expect 0 "rekey" "committed" rekey --new-keys "$work/new"
expect 0 "still verified" "^origin  *verified," verify "$signed" --keys "$work/new" \
    --origin "$origin.pub"
fresh
rm "$repo/coffre.sqlite"
expect 0 "rebuild" "restore points  *4" rebuild
expect 0 "verified as well" "^origin  *verified," verify "$signed" --origin "$origin.pub"

# Forged.
fresh
here_is=$repo/points/$signed
rm "$here_is/origin"
expect 16 "signature taken away" "found none" restore "$signed" "$to" --origin "$origin.pub"
nothing "nothing is created"
expect 0 "scrub does not miss it" "^signatures  *2$" scrub
fresh
flip "$here_is/origin" 100
expect 12 "signature damaged" "COFFRE_ERR_DAMAGED" restore "$signed" "$to" --origin "$origin.pub"
expect 12 "scrub finds it" "points/$signed/origin: .*COFFRE_ERR_DAMAGED" scrub
expect 12 "verify without a key finds it" "points/$signed/origin: .*COFFRE_ERR_DAMAGED" verify
expect 0 "restore without a key says so" "COFFRE_ERR_DAMAGED.*is not known" restore "$signed" \
    "$work/y" --force
check "the image is right" cmp "$work/y" "$work/b.img"
expect 0 "sign makes it again" "new signature  *yes" sign "$signed" --origin-key "$origin"
expect 0 "verified again" "^origin  *verified" verify "$signed" --origin "$origin.pub"
fresh
cp "$repo/points/$later/origin" "$here_is/origin"
expect 13 "another restore point's signature" "FOREIGN" restore "$signed" "$to" \
    --origin "$origin.pub"
expect 13 "verify finds it without a key" "another restore point's" verify "$signed"
expect 13 "and scrub" "another restore point's" scrub
fresh
cp "$repo/points/$later/"{origin,manifest} "$here_is"
expect 13 "an older signed manifest" "another restore point" restore "$signed" "$to" \
    --origin "$origin.pub"
fresh
cp "$repo/points/$later/"* "$here_is"
expect 13 "all of an older one" "another restore point\|FOREIGN" restore "$signed" "$to" \
    --origin "$origin.pub"
nothing "nothing is created"

if can_tamper; then
    fresh
    tamper put "$here_is/origin" 64 0000
    expect 12 "forged digest" "is forged" restore "$signed" "$to" --origin "$origin.pub"
    nothing "nothing is created"
    expect 12 "verify" "^origin  *forged, restore point $signed$" verify "$signed" \
        --origin "$origin.pub"
    expect 12 "verify without a key sees that one does not fit" "not of this manifest" verify
    fresh
    tamper put "$here_is/origin" 120 0000
    expect 12 "forged signature" "is forged" restore "$signed" "$to" --origin "$origin.pub"
    fresh
    run sign "$signed" --origin-key "$other_origin" >/dev/null 2>&1
    tamper put "$here_is/origin" 48 "${id//-/}"
    expect 12 "another key's under this one's name" "is forged" restore "$signed" "$to" \
        --origin "$origin.pub"
    fresh
    tamper manifest "$repo" "$keys" "$signed"
    expect 0 "a manifest by a holder of the keys restores" "unverified" restore "$signed" \
        "$work/y" --force
    check "to something else" test "$(cmp "$work/y" "$work/b.img" 2>&1)" != ""
    expect 12 "but it is forged" "is forged" restore "$signed" "$to" --origin "$origin.pub"
    nothing "nothing is created"
    expect 12 "verify" "is forged" verify "$signed" --origin "$origin.pub"

    # Content that was replaced by a holder of the session key. The largest block is noise.
    fresh
    block=$(find "$repo/blocks" -type f -printf '%s %p\n' | sort -n | tail -1 | cut -d ' ' -f 2)
    tamper content "$repo" "$keys" "$signed" "$block"
    expect 0 "replaced content: scrub cannot tell" "finding count  *0" scrub
    expect 12 "verify names it" "${block##*/}: .*its content was replaced" verify "$signed"
    expect 12 "restore refuses it" "its content was replaced" restore "$signed" "$to" \
        --origin "$origin.pub"
    check "and leaves nothing" test -z "$(ls -A "$work/target")"
    expect 12 "sign refuses it" "not signed" sign "$later" --origin-key "$other_origin"
    expect 0 "rows of it" "restore points" rebuild --force
    expect 0 "an unsigned backup refers to it" "new blocks  *0" backup "$work/b.img" \
        --block-size 64K
    expect 0 "a signed one does not" "content is not what its id says" backup "$work/b.img" \
        --block-size 64K --origin-key "$origin"
    check "it stores the content again" grep -q "^new blocks  *1$" "$work/said"
    expect 0 "and restores" "^origin  *verified" restore latest "$work/y" --force \
        --origin "$origin.pub"
    check "to the image" cmp "$work/y" "$work/b.img"
else
    skipped "forged objects" "python3 has no xxhash or cryptography"
fi

# Somebody who has the public key alone: another installation, which calls itself this one and seals
# to the same recipient. (The program needs the pair for its block ids; to the backup it shows not.)
fresh
mkdir "$work/thief"
cp "$keys/private.pem" "$work/thief"
"$appliance" --repo "$work/other" init >/dev/null
instance=$(sqlite3 "$repo/coffre.sqlite" "SELECT hex(instance) FROM installation")
sqlite3 "$work/other/coffre.sqlite" "UPDATE installation SET instance = x'$instance'"
"$appliance" --repo "$work/other" --keys "$work/thief" keygen >/dev/null
head -c 300000 /dev/urandom >"$work/evil.img"
"$appliance" --repo "$work/other" --keys "$work/thief" --quiet backup "$work/evil.img" \
    --block-size 64K --origin-key "$other_origin" >/dev/null
evil=$(ls "$work/other/points")
cp -a "$work/other/points/$evil" "$repo/points/"
cp -a "$work/other/blocks/." "$repo/blocks/"
check "somebody else's backup opens" restores latest evil.img
expect 16 "but is not verified" "points/$evil is unverified" restore latest "$to" \
    --origin "$origin.pub"
expect 16 "verify" "origin  *unverified (a signature of .*), restore point $evil" verify "$evil" \
    --origin "$origin.pub"
rm "$repo/points/$evil/origin"
expect 16 "without its signature" "found none" restore "$evil" "$to" --origin "$origin.pub"
cp "$repo/points/$signed/origin" "$repo/points/$evil/origin"
expect 13 "with another's signature" "FOREIGN" restore "$evil" "$to" --origin "$origin.pub"
if can_tamper; then
    tamper put "$repo/points/$evil/origin" 32 "$evil"
    expect 12 "with another's signature, made to fit" "is forged" restore "$evil" "$to" \
        --origin "$origin.pub"
fi
check "nothing was created" test -z "$(ls -A "$work/target")"
finish
