#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel consumer on iWARP: the software driver siw, on the network device
# that carries rdma_rxe otherwise. No distribution's kernel has it.

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
ktap < /sys/kernel/debug/ndk_selftest/run
rmmod ndk_selftest

rdma link del $siw
modprobe -r siw
rdma_up
