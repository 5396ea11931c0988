// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is to fail, and rules that users of the device have to keep.
 */
#include <linux/delay.h>
#include <linux/preempt.h>

#include "sim.h"

/* As files in debugfs. */
const char * const sim_verb_names[NDK_SIM_VERBS] = {
	[NDK_SIM_QUERY_PORT] = "query_port",
	[NDK_SIM_ALLOC_PD] = "alloc_pd",
	[NDK_SIM_DEALLOC_PD] = "dealloc_pd",
	[NDK_SIM_CREATE_AH] = "create_ah",
	[NDK_SIM_DESTROY_AH] = "destroy_ah",
	[NDK_SIM_CREATE_CQ] = "create_cq",
	[NDK_SIM_DESTROY_CQ] = "destroy_cq",
	[NDK_SIM_CREATE_QP] = "create_qp",
	[NDK_SIM_MODIFY_QP] = "modify_qp",
	[NDK_SIM_DESTROY_QP] = "destroy_qp",
	[NDK_SIM_ALLOC_MR] = "alloc_mr",
	[NDK_SIM_REG_USER_MR] = "reg_user_mr",
	[NDK_SIM_DEREG_MR] = "dereg_mr",
	[NDK_SIM_MAP_MR_SG] = "map_mr_sg",
	[NDK_SIM_POST_SEND] = "post_send",
	[NDK_SIM_POST_RECV] = "post_recv",
	[NDK_SIM_POLL_CQ] = "poll_cq",
	[NDK_SIM_DO_SEND] = "do_send",
	[NDK_SIM_DO_WRITE] = "do_write",
	[NDK_SIM_DO_READ] = "do_read",
	[NDK_SIM_DO_REG_MR] = "do_reg_mr",
	[NDK_SIM_DO_LOCAL_INV] = "do_local_inv",
	[NDK_SIM_DO_RECV] = "do_recv",
};

void sim_faults_init(struct ndk_sim *sim)
{
	int i;

	spin_lock_init(&sim->fault_lock);
	for (i = 0; i < NDK_SIM_VERBS; i++) {
		sim->faults[i].fail_times = 1;
		sim->faults[i].error = i < NDK_SIM_DO_SEND ? ENOMEM :
							     IB_WC_GENERAL_ERR;
	}
}

/* A call that is not resumed goes on after that long, if nothing else is said. */
#define SIM_PAUSE_MS		10000

static bool sim_may_sleep(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_COUNT) && !preemptible())
		return false;
	return !in_interrupt() && !irqs_disabled();
}

/* As if the processor had stopped: nothing else runs on it, wherever it is. */
static void sim_stop(struct ndk_sim *sim, int before, u32 left)
{
	while (atomic_read(&sim->resumed) == before && left--)
		mdelay(1);
}

static void sim_pause(struct ndk_sim *sim, enum ndk_sim_verb verb)
{
	u32 longest = READ_ONCE(sim->faults[verb].pause_ms) ?: SIM_PAUSE_MS;
	int before = atomic_read(&sim->resumed);

	atomic_inc(&sim->paused);
	wake_up_all(&sim->wait);
	if (verb < NDK_SIM_QUERY_PORT && sim_may_sleep())
		wait_event_timeout(sim->wait,
				   atomic_read(&sim->resumed) != before,
				   msecs_to_jiffies(longest));
	else
		sim_stop(sim, before, longest);
	atomic_dec(&sim->paused);
}

/**
 * sim_fault() - count a call, and find out what is to happen to it
 * @sim: the device
 * @verb: which
 * @failed: set to whether it is to fail
 *
 * Context: any; verbs, but not work, outside the device's lock.
 * Return: the error it fails with.
 */
u32 sim_fault(struct ndk_sim *sim, enum ndk_sim_verb verb, bool *failed)
{
	struct ndk_sim_fault *f = &sim->faults[verb];
	unsigned long flags;
	bool unplug, pause;
	u32 error;

	spin_lock_irqsave(&sim->fault_lock, flags);
	f->calls++;
	unplug = f->unplug_at == f->calls;
	pause = f->pause_at == f->calls && verb < NDK_SIM_DO_SEND;
	*failed = f->fail_at && f->calls >= f->fail_at &&
		  f->calls - f->fail_at < f->fail_times;
	error = f->error;
	spin_unlock_irqrestore(&sim->fault_lock, flags);

	if (pause)
		sim_pause(sim, verb);
	if (unplug)
		sim_unplug(sim);
	return error;
}

/**
 * sim_call() - the beginning of a verb that is called in any context
 * @sim: the device
 * @verb: which
 *
 * Context: any; outside the device's lock.
 * Return: 0 or a negative errno that the verb fails with. With error 0 a verb
 * fails, too, and the number is that of the verb's choice.
 */
int sim_call(struct ndk_sim *sim, enum ndk_sim_verb verb)
{
	bool failed;
	u32 error;

	error = sim_fault(sim, verb, &failed);
	if (!failed)
		return 0;
	return error ? -(int)error : -EIO;
}

/**
 * sim_sleeps() - the caller may have to sleep here
 * @sim: the device
 *
 * A stock kernel does not check that sleeping is allowed, so this does.
 *
 * Context: process.
 */
void sim_sleeps(struct ndk_sim *sim)
{
	/* Once is enough: with debugging the kernel finds it, too. */
	if (sim_may_sleep())
		might_sleep();
	else
		sim_violation(sim,
			      "a verb that may sleep, called where nothing may");
}

/**
 * sim_verb() - the beginning of a verb that may sleep
 * @sim: the device
 * @verb: which
 *
 * Context: process.
 * Return: as sim_call().
 */
int sim_verb(struct ndk_sim *sim, enum ndk_sim_verb verb)
{
	u32 delay;
	int ret;

	sim_sleeps(sim);
	ret = sim_call(sim, verb);
	delay = READ_ONCE(sim->faults[verb].delay_ms);
	if (delay)
		msleep(delay);
	return ret;
}

/**
 * sim_violation() - a user of the device has broken a rule
 * @sim: the device
 * @rule: what happened
 *
 * The stack says who.
 *
 * Context: any.
 */
void sim_violation(struct ndk_sim *sim, const char *rule)
{
	atomic_inc(&sim->violations);
	WARN(!(READ_ONCE(sim->flags) & NDK_SIM_QUIET), "ndk_sim: %s\n", rule);
}
