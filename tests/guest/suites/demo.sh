#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The demonstration, on the terminal of the one who asked for it.

set -euo pipefail
# shellcheck source=tests/guest/lib.sh
. "$TOP/tests/guest/lib.sh"

load ndk
load ndk_ctl
ndkctl=$(command -v "$TOP"/build/lib/{tool,ndkctl}/ndkctl | head -n 1)
check demo "$ndkctl" demo > /dev/ndk-terminal
