#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `ndkctl adapter show -j` is JSON, and tells what the verbs library says of the
# device. Queue depths may be smaller: all limits together must be creatable.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"

load ndk
load ndk_ctl
ndkctl=$TOP/build/lib/ndkctl

"$ndkctl" adapter list -j > /run/ndk/list.json
check list-parses jq -e . /run/ndk/list.json
"$ndkctl" adapter show "$RXE" -j > /run/ndk/show.json
check show-parses jq -e . /run/ndk/show.json
jq -c . /run/ndk/list.json /run/ndk/show.json

# name: value lines as a JSON object of numbers
ibv_devinfo -v -d "$RXE" | awk '
	$1 ~ /^[a-z_]+:$/ && $2 ~ /^(0x[0-9a-f]+|[0-9]+)$/ && !seen[$1]++ { print $1, $2 }' |
	while read -r name value; do
		printf '%s %s\n' "${name%:}" "$((value))"
	done | jq -Rn '[inputs / " " | { (.[0]): .[1] | tonumber }] | add' > /run/ndk/verbs.json

# agrees NAME CONDITION: on $show, and $verbs
agrees() {
	check "$1" jq -en --slurpfile s /run/ndk/show.json --slurpfile v /run/ndk/verbs.json \
		"(if \$s[0] | type == \"array\" then \$s[0][0] else \$s[0] end) as \$show
		| \$v[0] as \$verbs | $2" || true
}

# shellcheck disable=SC2016 # variables of jq
{
	agrees name "\$show.name == \"$RXE\" and \$show.netdev == \"$NETDEV\""
	agrees vendor '$show.vendor_id == $verbs.vendor_id'
	agrees initiator-sge '$show.max_initiator_request_sge == $verbs.max_sge'
	agrees receive-sge '$show.max_receive_request_sge == $verbs.max_sge'
	agrees read-sge '$show.max_read_request_sge == $verbs.max_sge_rd'
	agrees inbound-reads '$show.max_inbound_read_limit == $verbs.max_qp_rd_atom'
	agrees outbound-reads '$show.max_outbound_read_limit == $verbs.max_qp_init_rd_atom'
	agrees initiator-depth '$show.max_initiator_queue_depth | . > 0 and . <= $verbs.max_qp_wr'
	agrees receive-depth '$show.max_receive_queue_depth | . > 0 and . <= $verbs.max_qp_wr'
	agrees cq-depth '$show.max_cq_depth | . > 0 and . <= $verbs.max_cqe'
	agrees pages '$show.frmr_page_count == 512'
	agrees size '$show.max_registration_size | . > 0 and . <= 512 * 4096'
}
