#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Normal regions and mappings on a device that has DMA operations (ndk_dma.ko):
# whatever is mapped is unmapped, once and not before the device let go of it.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"
dma=/sys/module/ndk_dma/parameters

if ! have ndk_dma; then
	skip device "this kernel has no DMA operations for a device"
	exit
fi

# The module's operations are the device's until it is gone.
restore() {
	rdma_down link
	check mapped-nothing test "$(< $dma/mapped)" == 0 || true
	rmmod ndk_dma
	rdma_up
}

rdma_down link
load ndk_dma
trap restore EXIT

# What is mapped when the device goes, here a simulated one, is unmapped then.
if [[ ${NDK_SELFTEST-} != *filter=* || ${NDK_SELFTEST-} == *filter=sim_* ]]; then
	ip link add dummy1 type dummy
	ip address add 10.78.0.1/24 dev dummy1
	ip link set dummy1 up
	load ndk_sim
	load ndk
	load ndk_selftest device=ndk_sim0 addr4=10.78.0.1 sim_netdev=dummy1 \
		filter=sim_regions.mapped
	ktap < /sys/kernel/debug/ndk_selftest/run_sim
	check removed-mappings test "$(< $dma/mapped)" == 0 || true
	rmmod ndk_selftest
	rmmod ndk
	rmmod ndk_sim
	ip link del dummy1
fi
rdma_up
[[ ${NDK_SELFTEST-} != *filter=sim_* ]] || exit 0
load ndk
# shellcheck disable=SC2086 # parameters are words
load ndk_selftest filter=mr_normal. ${NDK_SELFTEST-}
ktap < /sys/kernel/debug/ndk_selftest/run
if [[ ${NDK_SELFTEST-} != *filter=* ]]; then
	printf lam. > /sys/module/ndk_selftest/parameters/filter
	ktap < /sys/kernel/debug/ndk_selftest/run
fi
check mapped-lists test "$(< $dma/maps)" -gt 0 || true
check unmap-order test "$(< $dma/early)" == 0 || true
rmmod ndk_selftest
rmmod ndk
