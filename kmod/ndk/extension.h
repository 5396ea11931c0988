/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _NDK_EXTENSION_H
#define _NDK_EXTENSION_H

#include <ndk/ndkpi.h>

NTSTATUS ndk_query_extension(NDK_OBJECT_HEADER *pNdkObject,
			     GUID *ExtensionInterfaceID,
			     NDK_VERSION ExtensionInterfaceVersion,
			     NDK_EXTENSION_INTERFACE *pExtensionInterface);

#endif /* _NDK_EXTENSION_H */
