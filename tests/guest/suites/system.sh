#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The system tests: the provider through /dev/ndk and the library.
# NDK_GTEST holds further arguments, such as --gtest_filter=...

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"

load ndk
load ndk_ctl
"$TOP/tests/guest/checks" faults
load ndk_stall functions=ndk_ctl_post_begin,ndk_ctl_initialize_finish,ndk_ctl_answer
# shellcheck disable=SC2086 # arguments are words
gtest "$TOP/build/lib/tests/system/ndk_system_tests" ${NDK_GTEST-}
