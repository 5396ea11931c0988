#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Ordinary tests of the kernel consumer on simulated devices that have the habits
# of other drivers (Documentation/drivers.rst), one habit a device. Only tests
# that can tell the habit: what else there is to a habit is in sim_drivers.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"
sim=ndk_sim0 netdev=dummy1 ipv4=10.78.0.1 ipv6=fd78::1
parameters=/sys/module/ndk_selftest/parameters
device=/sys/module/ndk_sim/parameters

ip link add "$netdev" type dummy
ip address add "$ipv4/24" dev "$netdev"
ip address add "$ipv6/64" dev "$netdev" nodad
ip link set "$netdev" up

load ndk_sim
load ndk
# shellcheck disable=SC2086 # parameters are words
load ndk_selftest device=$sim addr4=$ipv4 addr6=$ipv6 sim_netdev=$netdev \
	cycles=500 ${NDK_SELFTEST-}

# personality NAME HABITS PORTS FILTER...: the tests whose names contain one
personality() {
	local name=$1 filter

	printf '%s' "$2" > $device/habits
	printf '%s' "$3" > $device/ports
	shift 3
	rdma link add $sim type ndk_sim netdev "$netdev"
	for filter in "$@"; do
		printf '%s' "$filter" > $parameters/filter
		sed -E "s/^((not )?ok [0-9]+) /\1 $name./" \
			/sys/kernel/debug/ndk_selftest/run | ktap
	done
	check "$name.rules_kept" \
		test "$(cat /sys/kernel/debug/ndk_sim/$sim/violations)" = 0
	rdma link del $sim
}

personality zero_lkey zero_lkey roce qp_flags.inline mr_access.privileged qp.bad
personality split_keys split_keys roce mr_fast mr_remote_inv qp_flags.read
personality eager_inv eager_inv roce mr_order qp_defer
personality vague vague roce qp.bad
personality mixed_ports '' ib,roce adapter.info adapter.over
ip link del "$netdev"
