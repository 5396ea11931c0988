#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `ndkctl adapter show -j` is JSON and tells the limits of the device.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"

load ndk
load ndk_ctl
ndkctl=$(command -v "$TOP"/build/lib/{tool,ndkctl}/ndkctl | head -n 1)

check list-parses bash -c "$ndkctl adapter list -j | jq -e ."
json=$("$ndkctl" adapter show "$RXE" -j)
check show-parses jq -e . <<< "$json"
remark "$(jq -c . <<< "$json")"
