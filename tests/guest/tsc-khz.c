// SPDX-License-Identifier: GPL-2.0-only
/*
 * Print the frequency of this machine's time stamp counter in kHz.
 *
 * A guest that QEMU interprets reads the counter of the machine below it, but
 * measures its frequency against timers that QEMU makes up, and is wrong, by a
 * factor of ten at times, when the machine has other things to do just then.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

struct sample {
	uint64_t ticks;
	uint64_t ns;
};

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

/* The counter and the time at the same moment: of many, the closest pair. */
static struct sample sample(void)
{
	struct sample best = { 0 };
	uint64_t closest = UINT64_MAX;

	for (int i = 0; i < 1000; i++) {
		uint64_t before = __rdtsc();
		uint64_t ns = now();
		uint64_t after = __rdtsc();

		if (after - before < closest) {
			closest = after - before;
			best.ticks = before + closest / 2;
			best.ns = ns;
		}
	}
	return best;
}

int main(void)
{
	struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
	struct sample first = sample(), last;

	nanosleep(&pause, NULL);
	last = sample();
	printf("%llu\n", (unsigned long long)((last.ticks - first.ticks) * 1000000 /
					      (last.ns - first.ns)));
	return 0;
}
