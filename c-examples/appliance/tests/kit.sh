#!/bin/bash
# Recovery kits: the key under a password, on paper, as a file, or in the repository.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2317 # functions whose names are given to check
. "$(dirname "$0")/common.bash"
pw=$work/kit-password
echo 'correct horse battery staple' >"$pw"
echo 'wrong horse battery staple' >"$work/wrong"
kit() { run "$@" --kit-password-file "$pw"; }
expect_kit() { # expect_kit CODE NAME PATTERN ARGUMENTS...: with the right password
    expect "$1" "$2" "$3" "${@:4}" --kit-password-file "$pw"
}
same_key() { # same_key DIR FILE: as the one that was there at first
    cmp "$1/$2" "$keys/$2" && [ "$(stat -c %a "$1/$2")" = "$(stat -c %a "$keys/$2")" ]
}
start
id=$(run check --json | value records.0.found_key_id)

# What is refused before anything is asked or written.
expect 2 "no place" "needs a place" kit-export
expect 2 "--text without a file" "needs one" kit-export --text --qr
expect 2 "--json and standard output" "for itself" kit-export - --json
expect 2 "--json and --qr" "for itself" kit-export --qr --json
expect 2 "bytes and --qr" "do not go" kit-export - --qr
setsid -w "$appliance" --repo "$repo" --keys "$keys" kit-export "$work/x" \
    2>"$work/asked" >/dev/null </dev/null
check "no password and no terminal" grep -q -- "--kit-password-file" "$work/asked"
echo short >"$work/short"
expect 16 "a weak password" "too weak" kit-export "$work/x" --kit-password-file "$work/short"
expect_kit 10 "no key" "expected private.pem" kit-export "$work/x" --keys "$work/none"
check "nothing was written" test ! -e "$work/x"

# A pair, in every form.
expect_kit 0 "kit-export" "kit file" kit-export "$work/pair.kit"
check "104 bytes, 0600" test "$(stat -c %a-%s "$work/pair.kit")" = 600-104
expect_kit 5 "it overwrites nothing" "exists" kit-export "$work/pair.kit"
expect_kit 0 "with --text, --svg and --argon2id" "Argon2id, 3 passes" kit-export "$work/pair.txt" \
    --text --svg "$work/pair.svg" --argon2id
check "the page names the key" grep -q "^# .* of the key $id$" "$work/pair.txt"
check "and has eight lines" test "$(grep -c '^[1-8]: ' "$work/pair.txt")" = 8
check "all 0600" test "$(stat -c %a "$work/pair.txt" "$work/pair.svg" | sort -u)" = 600
expect_kit 5 "a picture is not overwritten" "exists" kit-export "$work/x" --svg "$work/pair.svg"
check "and nothing else was written" test ! -e "$work/x"
expect_kit 0 "import of the bytes" "new challenge  *yes" kit-import "$work/pair.kit" \
    --keys "$work/k1"
check "the same pair" same_key "$work/k1" private.pem
check "and its public half" same_key "$work/k1" public.pem
expect 0 "its challenge fits" "match" check --keys "$work/k1"
expect_kit 0 "import of the text" "new challenge  *yes" kit-import "$work/pair.txt" \
    --keys "$work/k2"
check "the same pair again" same_key "$work/k2" private.pem
kit kit-import - --keys "$work/k3" <"$work/pair.txt" >/dev/null
check "from standard input" same_key "$work/k3" private.pem
kit kit-export - --text >"$work/out.txt"
expect_kit 0 "to standard output and back" "key id" kit-import "$work/out.txt" --keys "$work/k4"
kit kit-export - >"$work/out.kit"
check "bytes to standard output" test "$(stat -c %s "$work/out.kit")" = 104
expect_kit 5 "a directory with a key" "holds a key already" kit-import "$work/pair.kit" \
    --keys "$work/k1"
mkdir "$work/k5" "$work/k6"
cp "$keys/public.pem" "$work/k5"
expect_kit 0 "beside its own public half" "key id" kit-import "$work/pair.kit" --keys "$work/k5"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null |
    openssl pkey -pubout >"$work/k6/public.pem"
expect_kit 5 "beside another's" "public key" kit-import "$work/pair.kit" --keys "$work/k6"
check "nothing was written there" test "$(ls "$work/k6")" = public.pem
expect_kit 0 "without a repository" "no challenge was written" kit-import "$work/pair.kit" \
    --keys "$work/k7" --repo "$work/none"
check "the key is there" same_key "$work/k7" private.pem

# A KEK.
"$appliance" --repo "$work/kek-repo" init >/dev/null
"$appliance" --repo "$work/kek-repo" --keys "$work/kek" keygen --kek >/dev/null
expect_kit 0 "kit of a KEK" "key kind  *KEK" kit-export "$work/kek.txt" --text --keys "$work/kek"
expect_kit 0 "its import" "new challenge  *yes" kit-import "$work/kek.txt" --keys "$work/kek2" \
    --repo "$work/kek-repo"
check "the same KEK" cmp "$work/kek2/kek.bin" "$work/kek/kek.bin"
check "0600" test "$(stat -c %a "$work/kek2/kek.bin")" = 600
expect_kit 0 "of another repository" "does not open " \
    kit-import "$work/kek.txt" --keys "$work/kek3"

# No key of its own.
echo 'a password that opens backups' >"$work/key-password"
run keygen --password --keys "$work/pk" --password-file "$work/key-password" >/dev/null 2>&1
expect_kit 15 "a password's kit" "a password is its own kit" kit-export "$work/x" \
    --keys "$work/pk" --password-file "$work/key-password"

# Wrong password, wrong bytes, wrong text.
new="--keys $work/fresh"
# shellcheck disable=SC2086 # two words
{
    expect 11 "wrong password" "not the password" kit-import "$work/pair.kit" $new \
        --kit-password-file "$work/wrong"
    head -c 50 "$work/pair.kit" >"$work/cut.kit"
    expect_kit 12 "cut short" "MALFORMED" kit-import "$work/cut.kit" $new
    cp "$work/pair.kit" "$work/bad.kit"
    flip "$work/bad.kit" 60
    expect_kit 12 "damaged" "DAMAGED" kit-import "$work/bad.kit" $new
    head -c 104 /dev/urandom | tr ':' ';' >"$work/bad.kit"
    expect_kit 12 "noise" "holds no recovery kit" kit-import "$work/bad.kit" $new
    : >"$work/bad.kit"
    expect_kit 12 "nothing" "holds no recovery kit" kit-import "$work/bad.kit" $new
    expect_kit 12 "an image" "expected at most" kit-import "$work/a.img" $new
    expect_kit 10 "no such file" "is missing" kit-import "$work/none.kit" $new
    expect_kit 2 "no kit named" "needs a kit" kit-import $new
    sed -n '/^[1-4]:/p' "$work/pair.txt" >"$work/mixed.txt"
    sed -n '/^[5-8]:/p' "$work/out.txt" >>"$work/mixed.txt"
    expect_kit 12 "lines of two kits" "more than one kit" kit-import "$work/mixed.txt" $new
    if "$python" -c 'import xxhash, cryptography' 2>/dev/null; then
        cp "$work/pair.kit" "$work/bad.kit"
        "$python" "$here/tamper.py" put "$work/bad.kit" 12 ffffffff
        expect_kit 16 "a cost above the policy" "more than the policy allows" \
            kit-import "$work/bad.kit" $new
        cp "$work/pair.kit" "$work/bad.kit"
        "$python" "$here/tamper.py" put "$work/bad.kit" 60 00
        expect_kit 11 "altered, and its checksum made again" "not the password" \
            kit-import "$work/bad.kit" $new
    else
        skipped "altered kits" "python3 has no xxhash or cryptography"
    fi
}
check "nothing came of all that" test ! -e "$work/fresh"

# Typed, with every kind of slip.
"$python" "$here/tamper.py" slips "$work/pair.txt" >"$work/slips"
bad=0 count=0
while IFS=$'\t' read -r line text; do
    count=$((count + 1))
    said=$(tr '|' '\n' <<<"$text" | kit kit-import - --keys "$work/fresh" 2>&1)
    if [ $? -ne 12 ] || [[ $said != *"line $line of the kit is mistyped"* ]]; then
        bad=$((bad + 1))
        echo "    expected line $line: $said"
    fi
done <"$work/slips"
check "$count slips are found and named" test $bad -eq 0 -a $count -gt 150
check "and nothing was written" test ! -e "$work/fresh"
{
    echo "# what I typed"
    grep '^[1-8]:' "$work/pair.txt" | tac | tr 'a-z ' 'A-Z-'
} >"$work/typed.txt"
expect_kit 0 "capital letters, hyphens, another order" "key id" kit-import "$work/typed.txt" \
    --keys "$work/k8"
check "the same pair once more" same_key "$work/k8" private.pem

# The QR code.
if command -v rsvg-convert >/dev/null && command -v zbarimg >/dev/null; then
    rsvg-convert -w 800 "$work/pair.svg" -o "$work/pair.png"
    zbarimg -q --raw "$work/pair.png" >"$work/scanned" 2>/dev/null
    check "the picture says what the page says" test "$(cat "$work/scanned")" = \
        "$(grep '^[1-8]:' "$work/pair.txt" | tr -d ' ' | tr 'a-z\n' 'A-Z/' | sed 's,/$,,')"
    expect_kit 0 "and is read as a kit" "key id" kit-import "$work/scanned" --keys "$work/k9"
    kit kit-export - --text --qr >"$work/page"
    grep -v '^#\|^[1-8]:' "$work/page" | "$python" "$here/tamper.py" blocks >"$work/page.pgm"
    zbarimg -q --raw "$work/page.pgm" >"$work/scanned" 2>/dev/null
    check "the code on the terminal as well" test "$(cat "$work/scanned")" = \
        "$(grep '^[1-8]:' "$work/page" | tr -d ' ' | tr 'a-z\n' 'A-Z/' | sed 's,/$,,')"
else
    skipped "QR codes are read back" "rsvg-convert or zbarimg is not installed"
fi

# In the repository.
expect_kit 0 "--store" "stored as  *kits/$id.kit" kit-export --store
expect_kit 5 "a second one" "force replaces it" kit-export --store
expect_kit 0 "is forced" "stored as" kit-export --store --force
expect_kit 11 "a key that opens nothing here" "wrong key\|expected" kit-export --store \
    --keys "$work/kek"
expect 0 "scrub knows it" "^kits  *1$" scrub
check "and nothing is unknown" grep -q "^unknown files  *0$" "$work/said"
expect 0 "ls names it" "recovery kit of $id, P-256 pair" ls
check "in JSON" test "$(run ls --json | value kits.0.key_id)" = "$id"
expect 0 "verify" "finding count  *0" verify
expect 0 "a backup leaves it" "restore point" backup "$work/b.img" --block-size 64K
rm -rf "$work/lost"
mv "$keys" "$work/lost"
expect 10 "the keys are lost" "expected private.pem" restore latest "$work/x"
expect_kit 0 "the stored kit brings them back" "new challenge  *yes" kit-import --stored
check "restore" restores latest b.img
check "the same key" cmp "$keys/private.pem" "$work/lost/private.pem"
rm -rf "$keys"
rm "$repo/coffre.sqlite"
expect_kit 0 "the database is lost as well" "no challenge was written: the database" \
    kit-import --stored "$id"
expect 0 "rebuild" "restore points  *2" rebuild
expect 0 "keygen writes the challenge" "new challenge  *yes" keygen
expect 0 "all is as it was" "match" check
expect_kit 10 "a kit that is not there" "holds no kit of 0" kit-import --stored 0 \
    --keys "$work/fresh"
flip "$repo/kits/$id.kit" 50
expect 12 "scrub finds a damaged one" "kits/$id.kit: .*DAMAGED" scrub
expect_kit 12 "import too" "DAMAGED" kit-import --stored --keys "$work/fresh"
mv "$repo/kits/$id.kit" "$repo/kits/0000-0000-0000-0000-0000-0000-0000-0000.kit"
cp "$work/pair.kit" "$repo/kits/0000-0000-0000-0000-0000-0000-0000-0000.kit"
expect 12 "scrub finds one in the wrong place" "the kit of another key" scrub
mv "$repo/kits/0000-0000-0000-0000-0000-0000-0000-0000.kit" "$repo/kits/note.txt"
expect 0 "scrub names what is none" "note.txt is not the name of a kit" scrub
cp "$work/pair.kit" "$repo/kits/$id.kit"
kit kit-export --store --keys "$work/kek" --repo "$work/kek-repo" >/dev/null
cp "$work/kek-repo/kits/"* "$repo/kits"
expect_kit 6 "two kits" "holds 2 kits; name the key" kit-import --stored --keys "$work/fresh"
expect_kit 0 "named" "key id  *$id" kit-import --stored "$id" --keys "$work/fresh"

# After a rekey the old kit opens nothing, and the import says so.
run keygen --keys "$work/new" >/dev/null 2>&1
run rekey --new-keys "$work/new" >/dev/null 2>&1
expect_kit 0 "a kit from before a rekey" "does not open .* expects key" kit-import --stored \
    "$id" --keys "$work/old"
finish
