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
#include <linux/container_of.h>
#include <linux/in.h>
#include <linux/in6.h>
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
typedef char		CHAR, *PCHAR;
typedef u8		UCHAR, *PUCHAR;
typedef u8		BOOLEAN, *PBOOLEAN;
typedef s16		SHORT, *PSHORT;
typedef u16		USHORT, *PUSHORT;
typedef s32		INT, *PINT;
typedef u32		UINT, *PUINT;
typedef s32		LONG, *PLONG;
typedef u32		ULONG, *PULONG;
typedef u8		UINT8, *PUINT8;
typedef u16		UINT16, *PUINT16;
typedef s32		INT32, *PINT32;
typedef u32		UINT32, *PUINT32;
typedef s64		INT64, *PINT64;
typedef u64		UINT64, *PUINT64;
typedef s64		LONGLONG, *PLONGLONG;
typedef u64		ULONGLONG, *PULONGLONG;
typedef u64		ULONG64, *PULONG64;
typedef size_t		SIZE_T, *PSIZE_T;
typedef long		LONG_PTR, *PLONG_PTR;
typedef unsigned long	ULONG_PTR, *PULONG_PTR;
typedef unsigned long	KAFFINITY, *PKAFFINITY;
typedef NTSTATUS	*PNTSTATUS;

#define MAXUSHORT	((USHORT)0xffff)
#define MAXULONG	((ULONG)0xffffffff)

/* The structure of @type whose member @field @address is. */
#ifndef CONTAINING_RECORD
#define CONTAINING_RECORD(address, type, field)	container_of(address, type, field)
#endif

/* Addresses are Linux socket addresses: AF_INET and AF_INET6 of this system. */
typedef struct sockaddr		SOCKADDR, *PSOCKADDR;
typedef struct sockaddr_in	SOCKADDR_IN, *PSOCKADDR_IN;
typedef struct sockaddr_in6	SOCKADDR_IN6, *PSOCKADDR_IN6;
typedef struct sockaddr_storage	SOCKADDR_STORAGE, *PSOCKADDR_STORAGE;
typedef sa_family_t		ADDRESS_FAMILY;

/**
 * union _SOCKADDR_INET - an address of one of the two families
 * @Ipv4: with AF_INET
 * @Ipv6: with AF_INET6
 * @si_family: which of them
 */
typedef union _SOCKADDR_INET {
	SOCKADDR_IN Ipv4;
	SOCKADDR_IN6 Ipv6;
	ADDRESS_FAMILY si_family;
} SOCKADDR_INET, *PSOCKADDR_INET;

/* Index of a network interface; here Linux's. */
typedef ULONG		NET_IFINDEX, *PNET_IFINDEX;
typedef NET_IFINDEX	IF_INDEX, *PIF_INDEX;

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
} GUID, *PGUID;

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
} GROUP_AFFINITY, *PGROUP_AFFINITY;

/**
 * union _LARGE_INTEGER - a 64-bit number
 * @LowPart: its lower half
 * @HighPart: its upper half, with the sign
 * @QuadPart: the number
 */
typedef union _LARGE_INTEGER {
	struct {
#ifdef __LITTLE_ENDIAN
		ULONG LowPart;
		LONG HighPart;
#else
		LONG HighPart;
		ULONG LowPart;
#endif
	};
	LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef LARGE_INTEGER	PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;

static_assert(sizeof(ULONG) == 4 && sizeof(BOOLEAN) == 1);
static_assert(sizeof(SIZE_T) == sizeof(PVOID));
static_assert(sizeof(ULONG_PTR) == sizeof(PVOID));
static_assert(sizeof(GUID) == 16);
static_assert(sizeof(PHYSICAL_ADDRESS) == 8);

#endif /* _NDK_NTDEF_H */
