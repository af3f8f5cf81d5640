# The front door. `make demo` shows the library at work, `make test` runs every test; both set up
# what they need.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

B := build
export CARGO_TARGET_DIR ?= $(CURDIR)/target
FFI_ARCHIVE := $(CARGO_TARGET_DIR)/release/libcoffre_ffi.a
# Continuous runs build what is committed, lock file included.
CARGO_FLAGS := $(if $(CI),--locked)
# Flags in the environment take the place of those in .cargo/config.toml: repeat the one that
# matters.
ifdef RUSTFLAGS
export RUSTFLAGS := $(RUSTFLAGS) --cfg getrandom_backend="linux_getrandom"
endif

# --- set-up: which jobs the goals stand for ---

SETUP_lib := lib
SETUP_header := lib
SETUP_hazmat := lib
SETUP_check := bench
SETUP_vectors := lib
SETUP_matrix := lib
SETUP_demo := demo
SETUP_demo-keys := demo-keys
SETUP_bench := bench
SETUP_bench-quick := bench
SETUP_bench-arm := bench-arm
SETUP_test-cross := test-cross
SETUP_test := test
SETUP_afalg-vm := afalg-vm
SETUP_firmware := firmware
SETUP_footprint := firmware
JOBS := $(sort $(foreach goal,$(MAKECMDGOALS),$(or $(SETUP_$(goal)),$(if $(filter $(B)/%,$(goal)),lib))))

# scripts/setup.sh runs each time, and touches the file only when other tools were chosen; make then
# starts over.
ifneq ($(JOBS),)
include $(B)/tools.mk
export CARGO
ifdef RUSTC
export RUSTC RUSTDOC
endif
$(B)/tools.mk: FORCE
	@scripts/setup.sh $(JOBS)
endif
XTASK = $(CARGO) run -q $(CARGO_FLAGS) -p xtask --

# --- names ---

.PHONY: FORCE help demo demo-keys test lib hazmat header check bench bench-arm vectors \
	bare-test test-cross afalg-vm firmware footprint clean

help:
	@echo 'make demo       sets up, builds, backs up a real disk image and restores it (IMAGE=path for your own)'
	@echo 'make demo-keys  what an operator does with keys, on a real backup, a line each'
	@echo 'make test       sets up and runs every test'
	@echo 'make lib        $(B)/libcoffre.a and $(B)/libcoffre.so; the header is include/coffre.h'
	@echo 'make hazmat     $(B)/hazmat/libcoffre_hazmat.so, the primitives for outside test suites'
	@echo 'make header     writes include/coffre.h and include/coffre_hazmat.h from ffi/'
	@echo 'make check      formatting, lints, house rules, header'
	@echo 'make bench      everything beside its peers; writes docs/PERFORMANCE.md and $(B)/bench.json'
	@echo 'make bench-quick the same in few rounds, to see that it works'
	@echo 'make bench-arm  the same for 64-bit Arm: a program to copy to a board, tried under qemu'
	@echo 'make matrix     every combination of features compiles, and 19 of them are tested'
	@echo 'make vectors    writes tests/vectors again'
	@echo 'make test-cross the tests for other processors under qemu; docs/CROSS.md'
	@echo 'make bare-test  demo, demo-keys and test in a minimal Debian 12 that has git and make only (root)'
	@echo 'make afalg-vm   the kernel as engine, in a virtual machine (qemu, Debian kernel)'
	@echo 'make firmware   the library for bare processors, and c-examples/firmware on emulated boards'
	@echo 'make footprint  flash, RAM, stack and instructions on them; writes docs/FOOTPRINT.md, $(B)/footprint.json'
	@echo 'make clean      removes $(B)/ and what cargo built'

demo: lib
	@scripts/demo.sh '$(IMAGE)'

demo-keys: lib
	@scripts/demo-keys.sh

test: lib hazmat
	@scripts/run-tests.sh

lib: $(B)/libcoffre.a $(B)/libcoffre.so

hazmat: $(B)/hazmat/libcoffre_hazmat.so

header:
	@$(XTASK) header

check:
	@scripts/check.sh

bench:
	@scripts/bench.sh

.PHONY: bench-quick
bench-quick:
	@BENCH_QUICK=1 scripts/bench.sh

bench-arm:
	@scripts/bench-arm.sh

test-cross: lib
	@scripts/test-cross.sh

matrix:
	@tests/feature_checks.sh 1 && MATRIX=all tests/feature_matrix.sh

vectors:
	$(CARGO) run $(CARGO_FLAGS) -p coffre-core --example make_vectors -- tests/vectors/format

bare-test:
	scripts/bare-machine.sh

afalg-vm: lib
	@scripts/afalg-vm.sh

firmware: lib
	@scripts/firmware.sh

footprint: lib
	@scripts/footprint.sh

clean:
	rm -rf $(B) $(CARGO_TARGET_DIR)

# --- the library: one relocatable object whose only global symbols are the header's functions ---

# Cargo knows what changed; when nothing did, the archive keeps its time and nothing below is made
# again.
$(FFI_ARCHIVE): FORCE
	@$(CARGO) rustc $(CARGO_FLAGS) --release -p coffre-ffi --features capi --crate-type staticlib

# Both libraries and the object that they are made of; the static one is the last to be written.
$(B)/libcoffre.a: $(FFI_ARCHIVE) include/coffre.h scripts/link-library.sh scripts/exports.sh
	@scripts/link-library.sh $< $(B)
	@ls -l $(B)/libcoffre.a $(B)/libcoffre.so | awk '{ print $$NF ": " $$5 " bytes" }'

$(B)/libcoffre.so: $(B)/libcoffre.a ;

# --- the validation interface: another build of ffi/, in no release ---

HAZMAT_ARCHIVE := $(B)/hazmat/libcoffre_ffi.a

# Cargo puts both builds' archives in the same place, so this one is copied away, and made after the
# other.
$(HAZMAT_ARCHIVE): FORCE | $(B)/libcoffre.a
	@$(CARGO) rustc $(CARGO_FLAGS) --release -p coffre-ffi --features hazmat --crate-type staticlib
	@mkdir -p $(@D)
	@cmp -s $(FFI_ARCHIVE) $@ || cp $(FFI_ARCHIVE) $@

$(B)/hazmat/libcoffre_hazmat.so: $(HAZMAT_ARCHIVE) include/coffre_hazmat.h scripts/link-library.sh \
		scripts/exports.sh
	@scripts/link-library.sh $< $(@D) coffre_hazmat
	@ls -l $@ | awk '{ print $$NF ": " $$5 " bytes" }'
