#!/usr/bin/env bash
# The kernel's engine: what it seals the library opens, and the other way round. Skipped, with a
# word, where the kernel has no AF_ALG.
set -euo pipefail
cd "$(dirname "$0")/.."
./engine afalg
