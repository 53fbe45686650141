/* Another wall clock for one process: RING_CLOCK_SECONDS are added to what it is told. Preloaded by `ring/lake_days.py`. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long ahead;

__attribute__((constructor)) static void start(void) {
    const char *seconds = getenv("RING_CLOCK_SECONDS");
    ahead = seconds ? atol(seconds) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && clock == CLOCK_REALTIME) now->tv_sec += ahead;
    return failed;
}
