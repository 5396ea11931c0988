#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel consumer ndk_selftest: reading its "run" file runs every test in
# the reader's process and returns KTAP.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"

control=/sys/kernel/debug/ndk_selftest

# Closes that wait say for what, once: the log is read until they have.
said() {
	local line what

	cat $control/ready > /dev/null
	for what in "$@"; do
		read -r -t 60 line < <(grep -m 1 -o "$what" /dev/kmsg) || line=''
		check "slow.${what// /_}" test -n "$line"
	done
	echo > $control/ready
}

load ndk slow_close=1
# shellcheck disable=SC2086 # parameters are words
load ndk_selftest ${NDK_SELFTEST-}
if [[ ${NDK_SELFTEST-} != *filter=* ]]; then
	expect_log 'ndk: .* waits for'
	said 'ndk_close_adapter() waits for' 'a close waits for a successor' &
	ktap < $control/run_slow
	wait $!
	expect_log_end
	check slow.said_once test "$(dmesg | grep -c '] ndk: .* waits for')" = 2
fi
echo 60 > /sys/module/ndk/parameters/slow_close
ktap < $control/run
