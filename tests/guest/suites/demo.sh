#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The demonstration, on the terminal of the one who asked for it.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"

ndkctl=$TOP/build/lib/ndkctl
demo=("$ndkctl" demo --adapter "$RXE" --address "$IPV4" --file "$VMLINUZ")

load ndk
load ndk_ctl
status=0
if [[ -n $TERMINAL_IS_TTY ]]; then
	# a port is no terminal: give the demonstration one for its progress bar
	script -qec "stty cols $COLUMNS rows 50; ${demo[*]@Q}" /dev/null \
		> /dev/ndk-terminal 2>&1 || status=$?
else
	"${demo[@]}" > /dev/ndk-terminal 2>&1 || status=$?
fi
if [[ $status == 0 ]]; then
	ok demo
else
	not_ok demo "ndkctl demo ended with status $status"
fi

if rmmod ndk_ctl && rmmod ndk; then
	printf 'modules unloaded; on the device, as before (ib_core has its own): %s\n' \
		"$(rdma resource show "$RXE" | sed 's/^[0-9]*: //')" > /dev/ndk-terminal
	ok unload
else
	not_ok unload "the modules cannot be unloaded"
fi
