#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the trace events tell, and that no key and no address is among it.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"
tracing=/sys/kernel/tracing/instances/ndk-events

load ndk
load ndk_selftest filter=mr_state.

mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
mkdir $tracing
echo 8192 > $tracing/buffer_size_kb
echo 1 > $tracing/events/ndk/enable
cat /sys/kernel/debug/ndk_selftest/run > /dev/null
echo 0 > $tracing/events/ndk/enable
cat $tracing/trace > /tmp/ndk-trace
rmdir $tracing

# sees NAME PATTERN...: the events are there, in this order.
sees() {
	local name=$1 pattern at=0

	shift
	for pattern; do
		at=$(awk -v after="$at" -v pattern="$pattern" \
			'NR > after && $0 ~ pattern { print NR; exit }' /tmp/ndk-trace)
		if [[ -z $at ]]; then
			not_ok "$name" "no '$pattern' in the trace, or not in its place"
			return
		fi
	done
	ok "$name"
}

sees object 'ndk_create: pd [0-9]+ STATUS_SUCCESS' 'ndk_close: pd [0-9]+$' \
	'ndk_closed: pd [0-9]+$'
sees request 'ndk_request: mr [0-9]+$' 'ndk_request_done: mr [0-9]+ STATUS_SUCCESS'
sees states 'ndk_mr_state: mr [0-9]+ created -> invalid|created -> initialising' \
	'ndk_mr_state: mr [0-9]+ invalid -> registering' \
	'ndk_mr_state: mr [0-9]+ registering -> valid' \
	'ndk_mr_state: mr [0-9]+ valid -> invalidating' \
	'ndk_mr_state: mr [0-9]+ invalidating -> invalid'
sees queue 'ndk_post: qp [0-9]+ FastRegister, [0-9]+ outstanding' \
	'ndk_complete: qp [0-9]+ FastRegister STATUS_SUCCESS, 0 bytes'
sees refusal 'ndk_refuse: mr [0-9]+ STATUS_[A-Z_]+ '

# Numbers, names and nothing that could be a pointer or a key.
secrets=$(grep -oE 'ndk_[a-z_]+: .*' /tmp/ndk-trace | grep -E '0x|[0-9a-f]{8}' | head -n 3 || true)
if [[ -n $secrets ]]; then
	not_ok no-secrets "$secrets"
else
	ok no-secrets
fi
