// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calling a function in each context that the interface allows.
 */
#include <linux/bottom_half.h>
#include <linux/cpumask.h>
#include <linux/smp.h>
#include <linux/timer.h>

#include "harness.h"

/**
 * st_ctx_name() - name of a context
 * @ctx: the context
 *
 * Return: its name.
 */
const char *st_ctx_name(enum st_ctx ctx)
{
	static const char * const names[] = {
		[ST_PROCESS] = "process",
		[ST_BH_OFF] = "BH off",
		[ST_LOCKED] = "spinlock",
		[ST_IRQ_OFF] = "spinlock with IRQs off",
		[ST_SOFTIRQ] = "softirq",
	};

	return names[ctx];
}

/**
 * st_ctx_exists() - can the provider be called in a context on this kernel?
 * @ctx: the context
 *
 * With PREEMPT_RT no spinlock turns interrupts off, and who turns them off in
 * another way may take none, so that context is there for no caller.
 *
 * Return: whether it can.
 */
bool st_ctx_exists(enum st_ctx ctx)
{
	return ctx != ST_IRQ_OFF || !IS_ENABLED(CONFIG_PREEMPT_RT);
}

/* A timer's function runs in a softirq of the CPU it was started on. */
struct st_softirq {
	struct timer_list timer;
	struct completion done;
	void (*fn)(void *arg);
	void *arg;
};

static void st_softirq_fn(struct timer_list *timer)
{
	struct st_softirq *s = container_of(timer, struct st_softirq, timer);

	if (!WARN_ON_ONCE(!in_serving_softirq()))
		s->fn(s->arg);
	complete(&s->done);
}

static void st_softirq_start(struct st_softirq *s, unsigned int cpu,
			     void (*fn)(void *arg), void *arg)
{
	s->fn = fn;
	s->arg = arg;
	init_completion(&s->done);
	timer_setup_on_stack(&s->timer, st_softirq_fn, TIMER_PINNED);
	s->timer.expires = jiffies;
	add_timer_on(&s->timer, cpu);
}

static void st_softirq_wait(struct st_softirq *s)
{
	wait_for_completion(&s->done);
	timer_shutdown_sync(&s->timer);
	destroy_timer_on_stack(&s->timer);
}

/**
 * st_run_in() - run a function in a context, and return when it has run
 * @ctx: the context
 * @fn: the function
 * @arg: its argument
 */
void st_run_in(enum st_ctx ctx, void (*fn)(void *arg), void *arg)
{
	static DEFINE_SPINLOCK(irq_lock);
	static DEFINE_SPINLOCK(lock);
	struct st_softirq softirq;
	unsigned long flags;

	switch (ctx) {
	case ST_BH_OFF:
		local_bh_disable();
		fn(arg);
		local_bh_enable();
		break;
	case ST_LOCKED:
		spin_lock(&lock);
		fn(arg);
		spin_unlock(&lock);
		break;
	case ST_IRQ_OFF:
		spin_lock_irqsave(&irq_lock, flags);
		fn(arg);
		spin_unlock_irqrestore(&irq_lock, flags);
		break;
	case ST_SOFTIRQ:
		st_softirq_start(&softirq, raw_smp_processor_id(), fn, arg);
		st_softirq_wait(&softirq);
		break;
	default:
		fn(arg);
		break;
	}
}

/**
 * st_run_both() - run a function in the softirqs of two CPUs at once
 * @fn: the function
 * @arg0: its argument on one CPU
 * @arg1: its argument on another, or on the same one if there is only one
 */
void st_run_both(void (*fn)(void *arg), void *arg0, void *arg1)
{
	unsigned int cpu0 = cpumask_first(cpu_online_mask);
	unsigned int cpu1 = cpumask_next(cpu0, cpu_online_mask);
	struct st_softirq s0, s1;

	if (cpu1 >= nr_cpu_ids)
		cpu1 = cpu0;
	st_softirq_start(&s0, cpu0, fn, arg0);
	st_softirq_start(&s1, cpu1, fn, arg1);
	st_softirq_wait(&s0);
	st_softirq_wait(&s1);
}

/**
 * st_has_two_cpus() - are there two processors, so that one can stop?
 * @t: the test
 *
 * Return: whether there are; else the test is skipped.
 */
bool st_has_two_cpus(struct st_test *t)
{
	if (num_online_cpus() > 1)
		return true;
	st_skip(t, "one processor");
	return false;
}

static void st_elsewhere_work(struct work_struct *work)
{
	struct st_elsewhere *e = container_of(work, struct st_elsewhere, work);

	e->run(e);
	complete(&e->done);
}

/**
 * st_elsewhere_start() - begin something on another processor
 * @e: what; its @run is set
 *
 * The caller stays on its own until st_elsewhere_wait().
 */
void st_elsewhere_start(struct st_elsewhere *e)
{
	unsigned int here;

	migrate_disable();
	here = raw_smp_processor_id();
	init_completion(&e->done);
	INIT_WORK_ONSTACK(&e->work, st_elsewhere_work);
	queue_work_on(cpumask_any_but(cpu_online_mask, here), system_long_wq,
		      &e->work);
}

/**
 * st_elsewhere_wait() - wait until it has been done
 * @e: what was started
 */
void st_elsewhere_wait(struct st_elsewhere *e)
{
	/* Whoever runs on a queue of his own must not flush one of this kind. */
	wait_for_completion(&e->done);
	destroy_work_on_stack(&e->work);
	migrate_enable();
}
