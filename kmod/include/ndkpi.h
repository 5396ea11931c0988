/* SPDX-License-Identifier: GPL-2.0-only */
/* The published name of this header. */
#include <ndk/ndkpi.h>
