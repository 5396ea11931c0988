#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel consumer ndk_selftest: reading its "run" file runs every test in
# the reader's process and returns KTAP.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"

control=/sys/kernel/debug/ndk_selftest

# said NAME TEXT...: closes that wait say for what, once: the log is read until they
# have.
said() {
	local line

	cat $control/ready > /dev/null
	while [[ $# -gt 0 ]]; do
		read -r -t 60 line < <(grep -m 1 -o "$2" /dev/kmsg) || line=''
		check "slow.$1" test -n "$line"
		shift 2
	done
	echo > $control/ready
}

load ndk slow_close=1
# shellcheck disable=SC2086 # parameters are words
load ndk_selftest ${NDK_SELFTEST-}
# The kernel may wait for our work when it cannot make another thread.
check rescuer grep -qsxE 'ndk|kworker/R-ndk' /proc/[0-9]*/comm || true
if [[ ${NDK_SELFTEST-} != *filter=* || ${NDK_SELFTEST-} == *slow.* ]]; then
	expect_log 'ndk: .* waits for'
	said adapter 'ndk_close_adapter() waits for 3: CQ [0-9]*, QP [0-9]* (of another instance), 1 mappings' \
		object 'a close waits for a successor: CQ [0-9]* for QP [0-9]*' &
	ktap < $control/run_slow
	wait $!
	expect_log_end
	check slow.said_once test "$(dmesg | grep -c '] ndk: .* waits for')" = 2
fi
echo 60 > /sys/module/ndk/parameters/slow_close
ktap < $control/run
