#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A device behind an IOMMU: some kernels say of each of its mappings that it may
# have to be synchronised, which is true of none of these.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"

if ! have ndk_dma; then
	skip device "this kernel has no DMA operations for a device"
	exit
fi

rdma_down link
check device load ndk_dma mode=iommu || exit 1
rdma_up
load ndk
load ndk_selftest
for filter in lam. mr_normal. mr_fast.; do
	printf '%s' "$filter" > /sys/module/ndk_selftest/parameters/filter
	ktap < /sys/kernel/debug/ndk_selftest/run
done
rdma_down link
rmmod ndk_dma
rdma_up
