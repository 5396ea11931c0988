# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a suite in the guest can use. A suite is a bash script that
# tests/guest/main starts with
#
#   TOP  BUILD  KVER     source tree, built modules, running kernel
#   SUITE                its name; results are named SUITE/...
#   RXE  NETDEV          RDMA device, and the network device below it
#   IPV4  IPV6           its addresses
#   FILES_PORT           where to write what the host is to have, a line at a time;
#                        empty without --files

result_port=/dev/ndk-result

# a line longer than a pipe takes at once could be cut by another
_result() {
	local line=${1//$'\n'/ }

	printf '%s\n' "${line:0:3500}" > "$result_port"
}

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

# Announce kernel messages that the next step provokes, or may provoke, see
# tests/guest/klog.
expect_log()     { echo "<5>ndk-guest: expect $1" > /dev/kmsg; }
expect_log_end() { echo "<5>ndk-guest: expect-end" > /dev/kmsg; }
allow_log()      { echo "<5>ndk-guest: allow $1" > /dev/kmsg; }
allow_log_end()  { echo "<5>ndk-guest: allow-end" > /dev/kmsg; }

# load NAME [PARAMETER=VALUE...]: insert a module just built, by name.
load() {
	local file

	file=$(find -H "$BUILD"/{kmod,tests} -name "$1.ko" -print -quit 2> /dev/null)
	if [[ -z $file ]]; then
		not_ok "load-$1" "no $1.ko in $BUILD"
		return 1
	fi
	shift
	insmod "$file" "$@"
}

have() { [[ -n $(find -H "$BUILD"/{kmod,tests} -name "$1.ko" -print -quit 2> /dev/null) ]]; }

# A software RDMA device on a network device that leads nowhere: packets to its
# own address come back. rdma_down takes the RDMA device away, by itself (link, the
# default) or with its network device (netdev), or only the carrier.
rdma_up() {
	local mtu=1500

	# where each packet takes long, have fewer
	[[ -z ${CHECKED-} ]] || mtu=4200
	# 512 buffers for the connection manager's messages take a second, with each
	# device that comes and with each that goes
	modprobe ib_core recv_queue_size=128 &&
	modprobe dummy numdummies=0 &&
	modprobe -a crc32_generic rdma_rxe rdma_ucm || return
	[[ -e /sys/class/net/$NETDEV ]] || ip -batch - <<- END || return
		link set lo up
		link add $NETDEV mtu $mtu type dummy
		address add $IPV4/24 dev $NETDEV
		address add $IPV6/64 dev $NETDEV nodad
		link set $NETDEV up
	END
	rdma link show "$RXE/1" > /dev/null 2>&1 ||
		rdma link add "$RXE" type rxe netdev "$NETDEV"
}

rdma_down() {
	case ${1-link} in
	link)	rdma link del "$RXE" ;;
	netdev)	ip link del "$NETDEV" ;;
	carrier) ip link set "$NETDEV" down ;;
	esac
}

# ktap: forward KTAP on standard input.
ktap() { "$TOP/tests/guest/from-ktap" "$SUITE" > "$result_port"; }

# gtest PROGRAM [ARGUMENT...]: run a GoogleTest program and forward its results.
gtest() {
	local status=0

	set +o pipefail
	"$@" --gtest_color=no 2>&1 | "$TOP/tests/guest/from-gtest" "$SUITE" > "$result_port"
	status=${PIPESTATUS[0]}
	# 1 is a failed test, which is counted already
	[[ $status -le 1 ]] || not_ok program "$1 ended with status $status"
}
