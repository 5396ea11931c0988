#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel consumer on iWARP: the software driver siw, on the network device
# that carries rdma_rxe otherwise. No distribution's kernel has it. At the end
# the device goes away while everything is in use.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"
siw=siw0

if ! modprobe -q siw; then
	skip siw "this kernel has no siw"
	exit 0
fi
# The connection manager would choose among the two by the address.
rdma_down link
rdma link add $siw type siw netdev "$NETDEV"

load ndk
# shellcheck disable=SC2086 # parameters are words
load ndk_selftest device=$siw ${NDK_SELFTEST-}
control=/sys/kernel/debug/ndk_selftest
ktap < $control/run

# chosen SUITE: whether a filter, if there is one, names it
chosen() { [[ ${NDK_SELFTEST-} != *filter=* || $NDK_SELFTEST == *"$1"* ]]; }

# In the softirq that brings a first frame siw takes a lock for writing that it takes for
# reading elsewhere with softirqs on. Lockdep is right to say so, but then has said its last.
proving=/proc/sys/kernel/prove_locking
if chosen iwarp_half; then
	if [[ -e $proving ]]; then
		trap 'echo 1 > $proving' EXIT
		echo 0 > $proving
	fi
	ktap < $control/run_half
	[[ ! -e $proving ]] || echo 1 > $proving
fi

if chosen removal; then
	{
		cat $control/ready > /dev/null && rdma link del $siw
	} &
	actor=$!
	ktap < $control/run_removal
	kill $actor 2> /dev/null || true
	wait $actor || true
else
	rdma link del $siw
fi
rmmod ndk_selftest

modprobe -r siw
rdma_up
