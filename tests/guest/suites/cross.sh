#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Interleavings: every two actions on a region, its queue pair, its domain and
# its device, in both orders and at once. NDK_CROSS_ROUNDS says how often.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"
control=/sys/kernel/debug/ndk_selftest

load ndk
# shellcheck disable=SC2086 # parameters are words
load ndk_selftest rounds="${NDK_CROSS_ROUNDS:-4}" ${NDK_SELFTEST-}
ktap < $control/run_cross

# Each scene with a removal removes the device and has it brought back.
bring_back() {
	while read -r _ < $control/ready; do
		rdma link add "$RXE" type rxe netdev "$NETDEV" ||
			not_ok bring-back "no $RXE on $NETDEV any more"
	done
}
bring_back &
actor=$!
ktap < $control/run_cross_removal
kill $actor
wait $actor || true
