#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Each request of the kernel consumer with each allocation failing that is made
# for it: on the device that there is, and on simulated ones, which have other
# limits. What is left behind on the device the bench counts.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"
netdev=dummy1 ipv4=10.78.0.1 ipv6=fd78::1
parameters=/sys/module/ndk_selftest/parameters

load ndk
# shellcheck disable=SC2086 # parameters are words
load ndk_selftest sim_netdev=$netdev ${NDK_SELFTEST-}
ktap < /sys/kernel/debug/ndk_selftest/run_alloc

ip link add "$netdev" type dummy
ip address add "$ipv4/24" dev "$netdev"
ip address add "$ipv6/64" dev "$netdev" nodad
ip link set "$netdev" up
load ndk_sim
printf ndk_sim0 > $parameters/device
printf '%s' "$ipv4" > $parameters/addr4
printf '%s' "$ipv6" > $parameters/addr6
ktap < /sys/kernel/debug/ndk_selftest/run_sim_alloc
ip link del "$netdev"
