#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the trace events tell, and that no key and no address is among it.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"
tracing=/sys/kernel/tracing/instances/ndk-events
sim=ndk_sim0 netdev=dummy1 ipv4=10.78.0.1 ipv6=fd78::1

ip link add "$netdev" type dummy
ip address add "$ipv4/24" dev "$netdev"
ip address add "$ipv6/64" dev "$netdev" nodad
ip link set "$netdev" up

load ndk_sim
load ndk
load ndk_selftest filter=mr_state.

mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
mkdir $tracing
echo 8192 > $tracing/buffer_size_kb
# one count for all processors: what was first is first
echo counter > $tracing/trace_clock
echo 1 > $tracing/events/ndk/enable
cat /sys/kernel/debug/ndk_selftest/run > /dev/null
# and a device that refuses what is posted
cd /sys/module/ndk_selftest/parameters
printf '%s' $sim > device
printf '%s' $ipv4 > addr4
printf '%s' $ipv6 > addr6
printf '%s' sim_post. > filter
cat /sys/kernel/debug/ndk_selftest/run_sim > /dev/null
cd /
echo 0 > $tracing/events/ndk/enable
cat $tracing/trace > /tmp/ndk-trace
lost=$(awk '/^(overrun|commit overrun|dropped events):/ { n += $NF } END { print n + 0 }' \
	$tracing/per_cpu/cpu*/stats)
rmdir $tracing
ip link del "$netdev"

# Without all of them, nothing adds up.
check all-kept test "$lost" = 0 || true

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
sees refused-post 'ndk_refuse: qp [0-9]+ STATUS_INSUFFICIENT_RESOURCES ib_post_send'
sees retraction 'ndk_post: qp [0-9]+ Receive, 1 outstanding' 'ndk_retract: qp [0-9]+$' \
	'ndk_refuse: qp [0-9]+ STATUS_INSUFFICIENT_RESOURCES ib_post_recv'

# What is told must add up: each object that was made has ended, once, and nothing is told of
# it afterwards; each request that was accepted has ended; a region is in the state that it
# was said to go to. Those of before the first event are not known. A receive that is posted
# may count those as outstanding that have completed since the one before it was posted, and
# one that did so just then.
wrong=$(awk '
function say(what) { if (!(what in said)) { said[what] = 1; print what } }
function queue_of(operation) {
	return id (operation == "Receive" ? " receives" : " initiator")
}
function ended(operation, queue) {
	queue = queue_of(operation)
	outstanding[queue]--
	completed[queue]++
	if (--posts[id " " operation] < 0)
		say(id " has ended more of " operation " than there were")
}
match($0, /ndk_[a-z_]+: .*/) {
	n = split(substr($0, RSTART), word, " ")
	event = word[1]
	id = word[2] " " word[3]
	if (id in closed)
		say(id " after its end")
	if (event == "ndk_create:" && word[4] == "STATUS_SUCCESS") {
		made[id] = 1
		if (!(id in state))
			state[id] = "created"
	}
	if (event == "ndk_closed:")
		closed[id] = 1
	if (event == "ndk_request:")
		requests[id]++
	if (event == "ndk_request_done:" && --requests[id] < 0)
		say(id " has ended more requests than there were")
	if (event == "ndk_mr_state:") {
		if (id in state && state[id] != word[4])
			say(id " is " state[id] " and goes from " word[4])
		state[id] = word[6]
	}
	if (event == "ndk_post:") {
		sub(/,/, "", word[4])
		posts[id " " word[4]]++
		queue = queue_of(word[4])
		there = ++outstanding[queue]
		more = word[4] == "Receive" ? completed[queue] + 1 : 0
		completed[queue] = 0
		if (word[5] < there || word[5] > there + more)
			say(id " has " word[5] " outstanding, not " there)
	}
	if (event == "ndk_complete:") {
		sub(/^ReceiveAndInvalidate$/, "Receive", word[4])
		ended(word[4])
	}
	if (event == "ndk_retract:") {
		ended("Receive")
		completed[queue_of("Receive")]--
	}
}
END {
	for (id in made)
		if (!(id in closed))
			say(id " has not ended")
	for (id in requests)
		if (requests[id])
			say(id " has requests left")
	for (id in posts)
		if (posts[id])
			say(posts[id] " of " id " left")
}' /tmp/ndk-trace | head -n 5 | tr '\n' ';')
if [[ -n $wrong ]]; then
	not_ok adds-up "$wrong"
else
	ok adds-up
fi

# Numbers, names and nothing that could be a pointer or a key.
secrets=$(grep -oE 'ndk_[a-z_]+: .*' /tmp/ndk-trace | grep -E '0x|[0-9a-f]{8}' | head -n 3 || true)
if [[ -n $secrets ]]; then
	not_ok no-secrets "$secrets"
else
	ok no-secrets
fi
