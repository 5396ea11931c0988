#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Interleavings: every two actions on a region, its queue pair, its domain and
# its device, in both orders and at once, and each with the end of the consumer's
# module. NDK_CROSS_ROUNDS says how often.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"
control=/sys/kernel/debug/ndk_selftest
rounds=${NDK_CROSS_ROUNDS:-4}

load ndk
# shellcheck disable=SC2086 # parameters are words
load ndk_selftest rounds="$rounds" ${NDK_SELFTEST-}
ktap < $control/run_cross

# Each scene with a removal removes the device and has it brought back.
bring_back() {
	while read -r _ < $control/ready; do
		rdma link add "$RXE" type rxe netdev "$NETDEV" ||
			not_ok bring-back "no $RXE on $NETDEV any more"
	done
}
bring_back &
actor=$!
ktap < $control/run_cross_removal
kill $actor
wait $actor || true

# The module ends in the middle of each action: the closes come after it, before
# it or meanwhile, and nothing is waited for but the adapter's close.
mapfile -t actions < $control/leave
rmmod ndk_selftest
module=$(find -H "$BUILD/tests" -name ndk_selftest.ko -print -quit)
strip --strip-debug -o /run/ndk/leave.ko "$module"
ends=0 calls=0

# leave_once ACTION ORDER SCENE: prints what the module's last words were
leave_once() {
	insmod /run/ndk/leave.ko rounds="$rounds" &&
	echo "$*" > $control/leave &&
	dmesg -C &&
	rmmod ndk_selftest &&
	dmesg | sed -n "s/.*ndk_selftest: left $1 in order $2: //p"
}

# leave ACTION ORDER: as often as there are to be rounds
leave() {
	local scene=0 done=0 said n

	while [[ $done -lt $rounds ]]; do
		said=$(leave_once "$1" "$2" "$scene") || said='no end'
		if [[ $said != [1-9]*" calls, 0 wrong" ]]; then
			not_ok "leave.$1" "order $2, scene $scene: $said"
			rmmod ndk_selftest || true
			return 1
		fi
		[[ $1 != removal ]] || rdma_up
		n=${said%% *}
		scene=$((scene + 1)) done=$((done + n))
		ends=$((ends + 1)) calls=$((calls + n))
	done
}

# It takes a second each time, so with few rounds each action has one of the orders.
for i in "${!actions[@]}"; do
	action=${actions[i]} orders=(0 1 2)
	[[ $rounds -ge 12 ]] || orders=($((i % 3)))
	for order in "${orders[@]}"; do
		leave "$action" "$order" || continue 2
	done
	ok "leave.$action"
done
[[ $ends -gt 0 ]] || not_ok leave "no action was tried"
remark "interleavings with the module's end: ${#actions[@]} actions," \
	"${#orders[@]} orders, $rounds rounds each or more, in $ends ends: $calls"
