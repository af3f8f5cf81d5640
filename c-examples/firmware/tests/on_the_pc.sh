#!/bin/bash
# Every part passes on the PC, with sanitizers and without; `make firmware` runs them on boards.
cd "$(dirname "$0")/.." || exit 1
make -s run && make -s run OUT=build/sanitized CPPFLAGS='-fsanitize=address,undefined -fno-sanitize-recover=all'
