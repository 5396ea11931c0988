# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a suite in the guest can use. A suite is a bash script that
# tests/guest/main starts with
#
#   TOP  BUILD  KVER     source tree, built modules, running kernel
#   SUITE                its name; results are named SUITE/...
#   RXE  IPV4  IPV6      RDMA device and the addresses of its network device

result_port=/dev/ndk-result

_result() { printf '%s\n' "${1//$'\n'/ }" > "$result_port"; }

ok()     { _result "ok $SUITE/$1"; }
not_ok() { _result "not ok $SUITE/$1 # ${2-}"; }
skip()   { _result "skip $SUITE/$1 # ${2-}"; }
remark() { _result "# $*"; }

# check NAME COMMAND...: one result from the exit status; the last line of its
# output says why it failed.
check() {
	local name=$1 out

	shift
	if out=$("$@" 2>&1); then
		ok "$name"
	else
		not_ok "$name" "$* : $(printf '%s' "$out" | tail -n 3 | tr '\n' ' ')"
		return 1
	fi
}

# Announce kernel messages that the next step provokes, see tests/guest/klog.
expect_log()     { echo "<5>ndk-guest: expect $1" > /dev/kmsg; }
expect_log_end() { echo "<5>ndk-guest: expect-end" > /dev/kmsg; }

# load NAME [PARAMETER=VALUE...]: insert a module just built, by name.
load() {
	local file

	file=$(find "$BUILD" -name "$1.ko" -print -quit)
	if [[ -z $file ]]; then
		not_ok "load-$1" "no $1.ko in $BUILD"
		return 1
	fi
	shift
	insmod "$file" "$@"
}

have() { [[ -n $(find "$BUILD" -name "$1.ko" -print -quit) ]]; }

# ktap: forward KTAP on standard input, nested groups as GROUP/TEST.
ktap() {
	awk -v suite="$SUITE" '
	function clean(s) { sub(/^[- ]+/, "", s); return s }
	{ sub(/\r$/, "") }
	match($0, /^[ \t]*# Subtest: /) {
		depth = gsub(/    |  /, "&", $0) ; next
	}
	/^[ \t]*(not )?ok [0-9]+/ {
		match($0, /^[ \t]*/)
		indent = RLENGTH
		line = substr($0, RLENGTH + 1)
		bad = line ~ /^not /
		sub(/^(not )?ok [0-9]+[ \t]*/, "", line)
		line = clean(line)
		why = ""
		if ((i = index(line, " # ")) > 0 || (i = index(line, "# ")) == 1) {
			why = substr(line, i)
			sub(/^ *# */, "", why)
			line = substr(line, 1, i - 1)
		}
		sub(/[ \t]+$/, "", line)
		if (why ~ /^SKIP/)
			print "skip " suite "/" line " # " why
		else if (bad)
			print "not ok " suite "/" line " # " (why != "" ? why : said)
		else
			print "ok " suite "/" line
		said = ""
		fflush()
		next
	}
	/^[ \t]*# / { said = $0; sub(/^[ \t]*# */, "", said) }'
}
