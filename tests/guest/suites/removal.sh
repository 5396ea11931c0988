#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The RDMA device goes away while a kernel consumer has everything in use: once
# by itself, once because its network device does.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"
control=/sys/kernel/debug/ndk_selftest

load ndk
load ndk_selftest

for what in link netdev; do
	{
		while [[ $(< $control/removal_ready) != Y ]]; do
			sleep 0.1
		done
		rdma_down $what
	} &
	remover=$!
	sed "s/removal\./removal.$what./" $control/run_removal | ktap
	kill $remover 2> /dev/null || true
	wait $remover || true
	# the removal of a network device finishes in the background
	udevadm settle 2> /dev/null || sleep 1
	check restored-$what rdma_up
done
