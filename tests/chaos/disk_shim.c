/* Preloaded into the server: stands between it and one folder of the disk, and lets that folder misbehave as the file named
   by INTERJECT_DISK_FAULT says: "full", "read-only", "slow MILLISECONDS" (of each sync), empty: behaves. Looked at on each
   call, so that a test can break and heal the disk of a running process. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum fault { none, full, read_only, slow };

static enum fault now(long *ms) {
  const char *file = getenv("INTERJECT_DISK_FAULT");
  char text[64] = {0};
  if (!file)
    return none;
  int fd = REAL(open)(file, O_RDONLY);
  if (fd < 0)
    return none;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0)
    return none;
  if (strncmp(text, "full", 4) == 0)
    return full;
  if (strncmp(text, "read-only", 9) == 0)
    return read_only;
  if (sscanf(text, "slow %ld", ms) == 1)
    return slow;
  return none;
}

static int is_ours(const char *path) {
  const char *folder = getenv("INTERJECT_DISK_FOLDER");
  return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_our_fd(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n < 0)
    return 0;
  path[n] = 0;
  return is_ours(path);
}

/* A full disk still overwrites what it has given out; only growth fails. */
static int refuses_write(int fd, off_t end) {
  long ms;
  struct stat is;
  enum fault f = now(&ms);
  if ((f != full && f != read_only) || !is_our_fd(fd))
    return 0;
  if (f == read_only)
    return errno = EROFS;
  if (fstat(fd, &is) == 0 && end <= is.st_size)
    return 0;
  return errno = ENOSPC;
}

static void wait_if_slow(int fd) {
  long ms = 0;
  if (now(&ms) != slow || !is_our_fd(fd))
    return;
  /* In pieces, so that it ends soon after the disk is well again. */
  for (long waited = 0; waited < ms && now(&ms) == slow; waited += 10) {
    struct timespec piece = {0, 10 * 1000 * 1000};
    nanosleep(&piece, NULL);
  }
}

ssize_t pwrite(int fd, const void *from, size_t n, off_t at) {
  return refuses_write(fd, at + (off_t)n) ? -1 : REAL(pwrite)(fd, from, n, at);
}
ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at) {
  return refuses_write(fd, at + (off_t)n) ? -1 : REAL(pwrite64)(fd, from, n, at);
}
ssize_t write(int fd, const void *from, size_t n) {
  struct stat is;
  off_t end = fstat(fd, &is) == 0 && S_ISREG(is.st_mode) ? lseek(fd, 0, SEEK_CUR) + (off_t)n : 0;
  return end > 0 && refuses_write(fd, end) ? -1 : REAL(write)(fd, from, n);
}
int ftruncate(int fd, off_t size) { return refuses_write(fd, size) ? -1 : REAL(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { return refuses_write(fd, size) ? -1 : REAL(ftruncate64)(fd, size); }
int fdatasync(int fd) { return wait_if_slow(fd), REAL(fdatasync)(fd); }
int fsync(int fd) { return wait_if_slow(fd), REAL(fsync)(fd); }

static int refuses_open(const char *path, int flags) {
  long ms;
  int writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT);
  return writes && is_ours(path) && now(&ms) == read_only ? (errno = EROFS) : 0;
}
int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
  va_end(more);
  return refuses_open(path, flags) ? -1 : REAL(open)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
  va_end(more);
  return refuses_open(path, flags) ? -1 : REAL(open64)(path, flags, mode);
}
