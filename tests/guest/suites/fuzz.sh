#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The fuzzer of /dev/ndk, on programs that scripts/fuzz has made ready.
# NDK_FUZZ_SECONDS: for how long. NDK_FUZZ_INPUT: only this program, so often as
# NDK_FUZZ_RUNS says.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"

fuzz=$TOP/build/fuzz
work=/var/tmp/fuzz
options=(-timeout=300 -rss_limit_mb=0 -detect_leaks=0 -max_len=1400 "-artifact_prefix=$work/")

load ndk
load ndk_ctl
mkdir -p "$work/found"
export NDK_FUZZ_NOTES=${FILES_PORT-}

if [[ -n ${NDK_FUZZ_INPUT-} ]]; then
	options+=("-runs=${NDK_FUZZ_RUNS-10}" "$NDK_FUZZ_INPUT")
	export NDK_FUZZ_PRINT=1
else
	options+=("-max_total_time=${NDK_FUZZ_SECONDS-60}" "$work/found" "$fuzz/corpus/door")
fi
status=0
"$fuzz/ndk_fuzz_door" "${options[@]}" > "$work/log" 2>&1 || status=$?
grep '^# fuzz door' "$work/log" > "$result_port" || true
blocks=$(sed -n 's/^# fuzz door: .*, \([0-9]*\) blocks.*/\1/p' "$work/log")
if [[ -n ${CHECKED-} && -z ${NDK_FUZZ_INPUT-} && ${blocks:-0} -lt 500 ]]; then
	not_ok door "only ${blocks:-no} blocks were reached"
elif [[ $status == 0 ]]; then
	ok door
else
	not_ok door "status $status: $(grep -m 1 -E 'ndk_fuzz_door: |ERROR: ' "$work/log")"
	tail -n 150 "$work/log" | sed 's/^/# /' > "$result_port"
fi

# For the corpus: what reached something new.
if [[ -n ${FILES_PORT-} ]]; then
	# shellcheck disable=SC2016 # the variables are perl's
	find "$work/found" -type f -exec perl -0777 -ne '
		printf "found %s %s\n", $ARGV =~ s|.*/||r, unpack "H*", $_' {} + > "$FILES_PORT"
fi
