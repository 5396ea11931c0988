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
rdma_up
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
