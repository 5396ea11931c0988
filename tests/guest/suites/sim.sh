#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What no real device can be asked to do: tests of the kernel consumer on
# simulated devices that fail, delay and vanish when they are told to. Then the
# ordinary tests of regions and queue pairs on such a device, so that they run
# on two devices that differ, with its completions made in different places.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"
sim=ndk_sim0 netdev=dummy1 ipv4=10.78.0.1 ipv6=fd78::1
control=/sys/kernel/debug/ndk_sim/$sim
parameters=/sys/module/ndk_selftest/parameters

ip link add "$netdev" type dummy
ip address add "$ipv4/24" dev "$netdev"
ip address add "$ipv6/64" dev "$netdev" nodad
ip link set "$netdev" up

load ndk_sim
load ndk
# shellcheck disable=SC2086 # parameters are words
load ndk_selftest device=$sim addr4=$ipv4 addr6=$ipv6 sim_netdev=$netdev \
	cycles=500 ${NDK_SELFTEST-}

# every test makes a device of its own
ktap < /sys/kernel/debug/ndk_selftest/run_sim

# ordinary NAME FILTER SETTING...: the tests whose name contains that
ordinary() {
	local name=$1 setting

	printf '%s' "$2" > $parameters/filter
	shift 2
	rdma link add $sim type ndk_sim netdev "$netdev"
	for setting in "$@"; do
		echo 1 > "$control/$setting"
	done
	sed -E "s/^((not )?ok [0-9]+) /\1 $name./" \
		/sys/kernel/debug/ndk_selftest/run | ktap
	check "$name.rules_kept" test "$(cat $control/violations)" = 0
	rdma link del $sim
}

if [[ ${NDK_SELFTEST-} != *filter=* ]]; then
	ordinary fast mr_fast
	ordinary user mr_user
	ordinary remote mr_remote_inv
	ordinary defer qp_defer
	ordinary in_post mr_state inline
	ordinary irq_off mr_order irq
fi
ip link del "$netdev"
