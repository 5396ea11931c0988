#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel consumer on a kernel with PREEMPT_RT: what a spinlock and a softirq are
# differs there. The contexts that such a kernel does not have are skipped by name.
# NDK_RT_TESTS: only tests whose name contains one of these words.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"
parameters=/sys/module/ndk_selftest/parameters

if [[ -z ${REALTIME-} ]]; then
	skip preempt_rt "this kernel is built without PREEMPT_RT"
	exit
fi
check preempt_rt grep -q PREEMPT_RT /proc/version

load ndk
# shellcheck disable=SC2086 # parameters are words
load ndk_selftest ${NDK_SELFTEST-}
read -ra tests <<< "${NDK_RT_TESTS-}"
for word in "${tests[@]:-}"; do
	[[ -z $word ]] || printf '%s' "$word" > $parameters/filter
	ktap < /sys/kernel/debug/ndk_selftest/run
done
