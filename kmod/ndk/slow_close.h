/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _NDK_SLOW_CLOSE_H
#define _NDK_SLOW_CLOSE_H

struct ndk_adapter;
struct ndk_object;
struct work_struct;

void ndk_slow_close_adapter(struct ndk_adapter *a);
void ndk_slow_close_begin(struct ndk_object *obj);
void ndk_slow_close_work(struct work_struct *work);

#endif /* _NDK_SLOW_CLOSE_H */
