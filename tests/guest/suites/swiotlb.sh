#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A device with the kernel's own DMA operations, on a machine that bounces all
# DMA (the guests boot with swiotlb=force): mappings that would need to be
# synchronised are refused. Then one that is not bounced, where all is as ever,
# and one whose addresses are not congruent with the memory's.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"

if ! have ndk_dma; then
	skip device "this kernel has no DMA operations for a device"
	exit
fi

load ndk
load ndk_selftest

# device FILE FILTER PARAMETER: tests of that file on a device like that
device() {
	local file=$1 filter=$2

	rdma_down link
	load ndk_dma "$3"
	rdma_up
	printf '%s' "$filter" > /sys/module/ndk_selftest/parameters/filter
	sed -E "s/^((not )?ok [0-9]+) /\1 ${3/=/_}./" \
		"/sys/kernel/debug/ndk_selftest/$file" | ktap
	rdma_down link
	check "${3/=/_}.mapped-nothing" test "$(< /sys/module/ndk_dma/parameters/mapped)" == 0 ||
		true
	rmmod ndk_dma
	rdma_up
}

device run_dma bounced. mode=bounced
device run lam. mode=direct
device run mr_normal.scattered mode=direct
device run_dma shifted. shift=64
