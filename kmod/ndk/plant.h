/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mistakes made on purpose, one in a build, to prove that the tests notice them.
 * scripts/build-modules --plant NAME plants one; what it must be noticed by is
 * in tests/guest/plants. Without that, there is nothing left of them.
 */
#ifndef NDK_PLANT_H
#define NDK_PLANT_H

#include <linux/slab.h>

/* The name of the second is sleep-in-post, and so on. */
enum ndk_plant {
	NDK_PLANT_NOTHING,
	/* allocate with GFP_KERNEL in a post, which any context may make */
	NDK_PLANT_SLEEP_IN_POST,
	/* let antecedents go before the close callback */
	NDK_PLANT_REFERENCE_BEFORE_CALLBACK,
	/* unmap pages that the device has not let go of */
	NDK_PLANT_UNMAP_BEFORE_INVALIDATE,
};

#ifndef NDK_PLANT
#define NDK_PLANT NDK_PLANT_NOTHING
#endif

static inline bool ndk_planted(enum ndk_plant plant)
{
	return plant == NDK_PLANT;
}

static inline void ndk_plant_sleep(void)
{
	if (ndk_planted(NDK_PLANT_SLEEP_IN_POST))
		kfree(kmalloc(1, GFP_KERNEL));
}

#endif /* NDK_PLANT_H */
