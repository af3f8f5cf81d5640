#!/bin/bash
# Every part passes on the PC, with sanitizers and without; `make firmware` runs them on boards.
cd "$(dirname "$0")/.." || exit 1
sanitizers='-fsanitize=address,undefined -fno-sanitize-recover=all'
make -s run && make -s run OUT=build/sanitized CPPFLAGS="$sanitizers"
