/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _NDK_CLIENT_H
#define _NDK_CLIENT_H

int ndk_client_module_init(void);
void ndk_client_module_exit(void);

#endif /* _NDK_CLIENT_H */
