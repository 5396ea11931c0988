/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What other modules may call is in the namespace NDK; who imports it means to.
 */
#ifndef _NDK_EXPORT_H
#define _NDK_EXPORT_H

#include <linux/export.h>

/* Kbuild tried which of the two this kernel takes. */
#ifdef NDK_NAMESPACE_IS_TOKEN
#define EXPORT_SYMBOL_NDK(symbol)	EXPORT_SYMBOL_NS_GPL(symbol, NDK)
#else
#define EXPORT_SYMBOL_NDK(symbol)	EXPORT_SYMBOL_NS_GPL(symbol, "NDK")
#endif

#endif /* _NDK_EXPORT_H */
