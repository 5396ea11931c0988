/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The basic types that the published interface is written in.
 *
 * Sizes follow the interface, not the compiler: ULONG is 32 bits on every
 * machine, SIZE_T and ULONG_PTR are as wide as a pointer, BOOLEAN is one byte.
 */
#ifndef _NDK_NTDEF_H
#define _NDK_NTDEF_H

#include <linux/build_bug.h>
#include <linux/socket.h>
#include <linux/types.h>
#include <ndk/ntstatus.h>

#define CONST		const
#define VOID		void

#ifndef TRUE
#define TRUE		1
#define FALSE		0
#endif

typedef void		*PVOID;
typedef u8		UCHAR;
typedef u8		BOOLEAN;
typedef u16		USHORT;
typedef s32		LONG;
typedef u32		ULONG;
typedef u32		UINT32;
typedef u64		UINT64;
typedef s64		LONGLONG;
typedef size_t		SIZE_T;
typedef unsigned long	ULONG_PTR;
typedef unsigned long	KAFFINITY;

/* Addresses are Linux socket addresses: AF_INET and AF_INET6 of this system. */
typedef struct sockaddr	*PSOCKADDR;

/**
 * struct _GUID - identifier of an extension interface
 * @Data1: first 32 bits
 * @Data2: next 16 bits
 * @Data3: next 16 bits
 * @Data4: the last 64 bits
 */
typedef struct _GUID {
	ULONG Data1;
	USHORT Data2;
	USHORT Data3;
	UCHAR Data4[8];
} GUID;

/**
 * struct _GROUP_AFFINITY - preferred processors of a completion queue
 * @Mask: bit n stands for CPU @Group * BITS_PER_LONG + n
 * @Group: which group of processors @Mask is about
 * @Reserved: zero
 */
typedef struct _GROUP_AFFINITY {
	KAFFINITY Mask;
	USHORT Group;
	USHORT Reserved[3];
} GROUP_AFFINITY;

/**
 * union _LARGE_INTEGER - a 64-bit number
 * @QuadPart: the number
 */
typedef union _LARGE_INTEGER {
	LONGLONG QuadPart;
} LARGE_INTEGER;

typedef LARGE_INTEGER	PHYSICAL_ADDRESS;

static_assert(sizeof(ULONG) == 4 && sizeof(BOOLEAN) == 1);
static_assert(sizeof(SIZE_T) == sizeof(PVOID));
static_assert(sizeof(ULONG_PTR) == sizeof(PVOID));
static_assert(sizeof(GUID) == 16);
static_assert(sizeof(PHYSICAL_ADDRESS) == 8);

#endif /* _NDK_NTDEF_H */
