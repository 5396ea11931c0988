#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The RDMA device goes away while a kernel consumer has everything in use: once
# by itself, once because its network device does. Before that, only the link
# goes down.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"
control=/sys/kernel/debug/ndk_selftest

load ndk
load ndk_selftest

# run FILE NAME ACTION...: the tests of that file, and what they wait for
run() {
	local file=$1 name=$2 actor

	shift 2
	{
		cat $control/ready > /dev/null && "$@"
	} &
	actor=$!
	sed "s/${file#run_}\./$name./" "$control/$file" | ktap
	kill $actor 2> /dev/null || true
	wait $actor || true
}

# When a link goes down, rdma_rxe of 6.1 may lose what the connection manager has
# just sent, and whoever destroys its ids waits for ever.
if [[ $(uname -r) == 6.1.* ]]; then
	skip link_down "rdma_rxe of 6.1 may lose messages of the connection manager"
else
	run run_down link_down rdma_down carrier
fi
ip link del "$NETDEV"
check restored-link_down rdma_up
for what in link netdev; do
	run run_removal removal.$what rdma_down $what
	check restored-$what rdma_up
done
