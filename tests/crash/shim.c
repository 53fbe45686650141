/* A preload library for the broker under test: one sync of one file or folder fails with EIO.
 *
 * SHIM_PATH     part of the paths whose syncs are looked at
 * SHIM_TRIGGER  the failure is armed while this file exists; whoever removes it fails, so it happens once.
 *               From then on syncs "succeed" again, as they do on Linux after an error was reported.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int fd)
{
    const char *part = getenv("SHIM_PATH"), *trigger = getenv("SHIM_TRIGGER");
    char link[64], path[PATH_MAX];
    if (!part || !trigger || access(trigger, F_OK) != 0)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0)
        return 0;
    path[n] = 0;
    return strstr(path, part) != NULL && unlink(trigger) == 0;
}

static int call(const char *name, int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    if (!real) {
        errno = ENOSYS;
        return -1;
    }
    if (fails(fd)) {
        errno = EIO;
        return -1;
    }
    return real(fd);
}

int fdatasync(int fd) { return call("fdatasync", fd); }

int fsync(int fd) { return call("fsync", fd); }
