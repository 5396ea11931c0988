#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The consumer modules of the documentation, built from installed files only
# (scripts/build-example): inserting one does its job, and fails when that fails.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"

# consumer NAME MODULE [PARAMETER=VALUE...]
consumer() {
	local name=$1 module=$2

	shift 2
	if check "$name" insmod "$BUILD/example/$module.ko" "$@"; then
		rmmod "$module"
	fi
}

load ndk
consumer example ndk_example device="$RXE"
consumer pair-one-cq ndk_pair device="$RXE" address="$IPV4" cqs=1
consumer pair-two-cqs ndk_pair device="$RXE" address="$IPV4" cqs=2
# written for another kernel
consumer port ndk_port address="$IPV4" ifindex="$(< "/sys/class/net/$NETDEV/ifindex")"
dmesg | tail -n 20
