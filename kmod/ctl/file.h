/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File operations of /dev/ndk.
 */
#ifndef _NDK_CTL_FILE_H
#define _NDK_CTL_FILE_H

#include <linux/fs.h>
#include <linux/poll.h>

int ndk_ctl_file_open(struct inode *inode, struct file *filp);
int ndk_ctl_file_release(struct inode *inode, struct file *filp);
ssize_t ndk_ctl_file_read(struct file *filp, char __user *buf, size_t count,
			  loff_t *pos);
__poll_t ndk_ctl_file_poll(struct file *filp, struct poll_table_struct *wait);

#endif /* _NDK_CTL_FILE_H */
