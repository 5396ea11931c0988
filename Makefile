# SPDX-License-Identifier: GPL-2.0-only
#
# NDK for Linux. `make help` tells what there is.

# Kernels to build for and to test on: series of the distribution, or the path
# of a vmlinuz together with MODULES=/lib/modules/VERSION (scripts/kernel).
KERNELS ?= $(or $(KERNEL),6.1 6.12)
# KVER=6.12 narrows `make modules` to one.
MODULE_KERNELS = $(or $(KVER),$(KERNELS))
BUILD_TYPE ?= RelWithDebInfo

prefix ?= /usr/local
# For kernel modules that use ours: headers, and Module.symvers per kernel.
KERNEL_DEV_DIR ?= /usr/src/ndk

export KERNELS MODULES HEADERS MUTANTS

.PHONY: all deps modules lib check unit demo fuzz test test-debug mutants soak install \
	modules_install headers_install clean distclean help
.DEFAULT_GOAL := all

all: modules lib

deps:
	@scripts/deps

modules:
	@set -e; for k in $(MODULE_KERNELS); do scripts/build-modules "$$k"; done

lib:
	@scripts/build-lib $(BUILD_TYPE)

check: deps
	@scripts/test check

unit: deps
	@scripts/test unit

test: deps
	@scripts/test check unit selfcheck guest

# The suites once more, on a kernel that checks itself (scripts/debug-kernel).
test-debug: deps
	@scripts/test debug

# Mistakes in the modules, one at a time: do the tests notice?
mutants: deps
	@scripts/test mutants

# What repeats for luck: pairs of actions meet ROUNDS times in each order, ...
soak: export ROUNDS := $(or $(ROUNDS),300)
soak: deps
	@scripts/test soak

# SECONDS is a variable of bash, too.
unexport SECONDS
fuzz: deps
	@scripts/fuzz $(if $(SECONDS),--seconds "$(SECONDS)") $(if $(INPUT),--input "$(INPUT)")

demo: deps
	@scripts/demo $(firstword $(KERNELS))

# For the running kernel, or KVER; DESTDIR is honoured.
modules_install:
	@scripts/build-modules --only kmod "$(or $(KVER),host)"
	@$(MAKE) --no-print-directory headers_install
	@scripts/install-modules "$(or $(KVER),host)" "$(DESTDIR)" "$(KERNEL_DEV_DIR)"

headers_install:
	install -d "$(DESTDIR)$(KERNEL_DEV_DIR)/include/ndk"
	install -m 644 kmod/include/*.h "$(DESTDIR)$(KERNEL_DEV_DIR)/include"
	install -m 644 kmod/include/ndk/*.h uapi/ndk/*.h \
		"$(DESTDIR)$(KERNEL_DEV_DIR)/include/ndk"

install: modules_install
	@scripts/build-lib --targets "ndk ndkctl man"
	DESTDIR="$(DESTDIR)" cmake --install build/lib --prefix "$(prefix)"
	@[ -n "$(DESTDIR)" ] || ldconfig

clean:
	rm -rf build

# Also the kernels that were downloaded.
distclean: clean
	rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/ndk"

help:
	@echo 'make demo             boot a kernel in QEMU, show what the modules do'
	@echo 'make test             static checks, unit tests, the self-check, guests'
	@echo 'make test-debug       the guests once more, on a kernel built with every check'
	@echo '                      (KASAN, lockdep, kmemleak, ...), fuzzing, mutants,'
	@echo '                      line coverage'
	@echo 'make mutants          small mistakes in the modules, one at a time: the tests must'
	@echo '                      notice; MUTANTS="NAME ..." for some of tests/mutants'
	@echo 'make soak ROUNDS=300  what only repeats, for luck: pairs of actions that meet so'
	@echo '                      often in each order, and all on kernels with PREEMPT_RT'
	@echo 'make fuzz SECONDS=60  random programs on /dev/ndk in a guest;'
	@echo '                      INPUT=FILE runs one of them'
	@echo 'make check            static checks only'
	@echo 'make unit             unit tests only'
	@echo 'make deps             install the missing packages (done by the above)'
	@echo 'make modules          build the modules for each of KERNELS="$(KERNELS)"'
	@echo '                      KVER=6.12 for one of them; both also take host, the running'
	@echo '                      kernel, debug, which is built when it is first asked for,'
	@echo '                      and 6.1-rt and 6.12-rt, with PREEMPT_RT'
	@echo 'make lib              build the library and ndkctl in build/lib'
	@echo 'make modules_install  build and install the modules for the running kernel, or'
	@echo '                      KVER; headers and symbols in KERNEL_DEV_DIR=$(KERNEL_DEV_DIR)'
	@echo 'make install          the same, and the library, in prefix=$(prefix)'
	@echo '                      DESTDIR=... stages both'
	@echo 'make clean            remove build/; distclean: downloaded kernels too'
	@echo
	@echo 'KERNEL=/path/vmlinuz MODULES=/lib/modules/VERSION uses a kernel of your own.'
