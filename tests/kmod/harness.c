// SPDX-License-Identifier: GPL-2.0-only
/*
 * Expectations, and the life of one test.
 */
#include <linux/mm_types.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "harness.h"
#include "sim_device.h"

/**
 * st_status_name() - name of a status code
 * @status: the code
 *
 * The provider has such a function too; a test of the provider uses its own.
 *
 * Return: its name, or "an unlisted status".
 */
const char *st_status_name(NTSTATUS status)
{
	static const struct {
		NTSTATUS status;
		const char *name;
	} names[] = {
#define ST_STATUS_NAME(name, meaning) { name, #name },
		NDK_STATUS_LIST(ST_STATUS_NAME)
#undef ST_STATUS_NAME
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].status == status)
			return names[i].name;
	return "an unlisted status";
}

static __printf(3, 0) void
st_vrecord(struct st_test *t, const char *where, const char *fmt,
	   va_list args)
{
	size_t room;
	va_list copy;

	/* The end of the line has room, whatever is cut off before it. */
	va_copy(copy, args);
	room = sizeof(t->log) - 1 - t->log_len;
	t->log_len += scnprintf(t->log + t->log_len, room, "# %s", where);
	room = sizeof(t->log) - 1 - t->log_len;
	t->log_len += vscnprintf(t->log + t->log_len, room, fmt, copy);
	room = sizeof(t->log) - t->log_len;
	t->log_len += scnprintf(t->log + t->log_len, room, "\n");
	va_end(copy);
}

/**
 * st_check() - record whether an expectation held
 * @t: the test
 * @ok: it did
 * @file: where it stands
 * @line: where it stands
 * @fmt: what is wrong if it did not
 *
 * Context: any.
 * Return: @ok.
 */
bool st_check(struct st_test *t, bool ok, const char *file, int line,
	      const char *fmt, ...)
{
	unsigned long flags;
	char where[48];
	va_list args;
	int n;

	if (ok)
		return true;
	snprintf(where, sizeof(where), "%s:%d: ", kbasename(file), line);
	va_start(args, fmt);
	spin_lock_irqsave(&t->lock, flags);
	if (!t->failures++) {
		va_list copy;

		va_copy(copy, args);
		n = scnprintf(t->why, sizeof(t->why), "%s", where);
		vscnprintf(t->why + n, sizeof(t->why) - n, fmt, copy);
		va_end(copy);
	}
	st_vrecord(t, where, fmt, args);
	spin_unlock_irqrestore(&t->lock, flags);
	va_end(args);
	return false;
}

/**
 * st_check_status() - record whether a status is the expected one
 * @t: the test
 * @got: what was answered
 * @want: what should have been
 * @file: where this is asked
 * @line: where this is asked
 * @what: the expression
 *
 * Context: any.
 * Return: whether they are equal.
 */
bool st_check_status(struct st_test *t, NTSTATUS got, NTSTATUS want,
		     const char *file, int line, const char *what)
{
	if (t->tolerant && got != want) {
		if (!t->tolerated)
			t->tolerated = got;
		return false;
	}
	return st_check(t, got == want, file, line,
			"%.60s is %s (0x%08x), not %s", what,
			st_status_name(got), (u32)got, st_status_name(want));
}

/**
 * st_skip() - the test does not apply to this adapter
 * @t: the test
 * @why: the reason
 */
void st_skip(struct st_test *t, const char *why)
{
	t->skipped = true;
	if (!t->failures)
		strscpy(t->why, why, sizeof(t->why));
}

/**
 * st_note() - a line for the reader that is no failure
 * @t: the test
 * @fmt: the line
 */
void st_note(struct st_test *t, const char *fmt, ...)
{
	unsigned long flags;
	va_list args;

	va_start(args, fmt);
	spin_lock_irqsave(&t->lock, flags);
	st_vrecord(t, "", fmt, args);
	spin_unlock_irqrestore(&t->lock, flags);
	va_end(args);
}

/**
 * st_allow_log() - the driver may say something that is not to fail the run
 * @message: regular expression for it, see tests/guest/klog
 *
 * Until st_allow_log_end().
 */
void st_allow_log(const char *message)
{
	pr_notice("ndk-guest: allow %s\n", message);
}

/**
 * st_allow_log_end() - from here on it fails the run again
 */
void st_allow_log_end(void)
{
	pr_notice("ndk-guest: allow-end\n");
}

/**
 * st_open() - open the adapter under test
 * @t: the test
 * @version: version to ask for
 *
 * Return: what ndk_open_adapter() answered.
 */
NTSTATUS st_open(struct st_test *t, NDK_VERSION version)
{
	ULONG size = sizeof(t->info);
	NTSTATUS status;

	status = ndk_open_adapter(st_device(), version, &t->adapter);
	if (!NT_SUCCESS(status)) {
		t->adapter = NULL;
		return status;
	}
	ST_OK(t, t->adapter->Dispatch->NdkQueryAdapterInfo(t->adapter,
							   &t->info, &size));
	return status;
}

struct st_closing {
	struct work_struct work;
	struct completion done;
	NDK_ADAPTER *adapter;
};

static void st_closing_work(struct work_struct *work)
{
	struct st_closing *c = container_of(work, struct st_closing, work);

	ndk_close_adapter(c->adapter);
	complete(&c->done);
}

/**
 * st_close_adapter() - close the adapter, and notice when that never ends
 * @t: the test
 */
void st_close_adapter(struct st_test *t)
{
	static struct st_closing closing;

	if (!t->adapter || t->stuck)
		return;
	closing.adapter = t->adapter;
	init_completion(&closing.done);
	INIT_WORK(&closing.work, st_closing_work);
	queue_work(system_unbound_wq, &closing.work);
	if (!wait_for_completion_timeout(&closing.done, ST_TIMEOUT)) {
		ST_EXPECT(t, false, "ndk_close_adapter() does not return");
		t->stuck = true;
		return;
	}
	flush_work(&closing.work);
	t->adapter = NULL;
}

/**
 * st_begin() - prepare a test
 * @t: the test, to be initialised
 * @name: its full name
 * @c: its case
 */
void st_begin(struct st_test *t, const char *name, const struct st_case *c)
{
	memset(t, 0, sizeof(*t));
	t->name = name;
	t->arg = c->arg;
	t->ctx = c->ctx;
	spin_lock_init(&t->lock);
	INIT_LIST_HEAD(&t->reqs);
	INIT_LIST_HEAD(&t->objects);
	INIT_LIST_HEAD(&t->bufs);
	t->mm_users = atomic_read(&current->mm->mm_users);
	if (c->sim)
		st_sim_begin(t, c->sim);
	if (!c->bare && !t->failures)
		ST_OK(t, st_open(t, (NDK_VERSION){ 2, 0 }));
}

/* Of a process that ends with a user too many the memory stays, and nobody says so. */
static void st_expect_no_user(struct st_test *t)
{
	unsigned long end = jiffies + ST_TIMEOUT;
	int users;

	/* Who reads of the process in /proc is one, too: there may be fewer. */
	while ((users = atomic_read(&current->mm->mm_users)) > t->mm_users &&
	       time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	ST_EXPECT(t, users <= t->mm_users,
		  "the memory of the process has %d users, not %d", users,
		  t->mm_users);
}

/**
 * st_end() - close what is open and judge the requests
 * @t: the test
 */
void st_end(struct st_test *t)
{
	t->ctx = ST_PROCESS;
	st_sim_calm(t);
	st_objects_close(t);
	st_bufs_free(t);
	st_close_adapter(t);
	st_reqs_finish(t);
	st_sim_end(t);
	if (t->stuck)
		__module_get(THIS_MODULE);
	else
		st_expect_no_user(t);
}
