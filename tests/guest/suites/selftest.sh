#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel consumer ndk_selftest: reading its "run" file runs every test in
# the reader's process and returns KTAP.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"

load ndk
# shellcheck disable=SC2086 # parameters are words
load ndk_selftest ${NDK_SELFTEST-}
ktap < /sys/kernel/debug/ndk_selftest/run
