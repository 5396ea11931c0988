#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The consumer module of the documentation, built from installed files only
# (scripts/build-example): inserting it does its job, and fails when that fails.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"

load ndk
for module in "$BUILD"/example/*.ko; do
	check "$(basename "$module" .ko)" insmod "$module"
done
dmesg | tail -n 20
