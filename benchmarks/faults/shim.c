/* Between a server and its files: records what is written and what is made durable, and fails to order.
 *
 * LD_PRELOAD. SHIM_DIR: the folder whose files are watched. SHIM_CONTROL: a file of one byte for each order, mapped:
 *   [0] writes: 0 go through, 1 fail with ENOSPC where they would make a file longer, 2 fail always, 3 write half before
 *   [1] fsync and fdatasync: 0 go through, 1 fail with EIO
 *   [2] 1: append every operation on the database, its log and its folder to SHIM_LOG
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { NONE, DATABASE, WAL, FOLDER, OTHER };
enum { WRITE = 1, TRUNCATE, SYNC_BEGIN, SYNC_END, CREATE, UNLINK };
#define FDS 65536

struct record { uint8_t operation, file; uint16_t unused; uint32_t thread; uint64_t nanoseconds, offset, length; };

static char dir[4096];
static size_t dir_length;
static volatile unsigned char *control;
static unsigned char none[4];
static int log_fd = -1;
static unsigned char kinds[FDS];
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int (*real_open64)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_pwrite64)(int, const void *, size_t, off64_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_ftruncate64)(int, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);

static void begin(void) {
    real_open64 = dlsym(RTLD_NEXT, "open64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_pwrite64 = dlsym(RTLD_NEXT, "pwrite64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_ftruncate64 = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    control = none;
    const char *folder = getenv("SHIM_DIR"), *orders = getenv("SHIM_CONTROL"), *log = getenv("SHIM_LOG");
    if (folder && strlen(folder) < sizeof dir) { strcpy(dir, folder); dir_length = strlen(dir); }
    if (orders) {
        int fd = real_open64(orders, O_RDONLY | O_CLOEXEC);
        void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
        if (mapped != MAP_FAILED) control = mapped;
        if (fd >= 0) real_close(fd);
    }
    if (log) log_fd = real_open64(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static void ready(void) { pthread_once(&once, begin); }

static int kind_of(const char *path) {
    if (!dir_length || strncmp(path, dir, dir_length)) return NONE;
    const char *rest = path + dir_length;
    if (!*rest || !strcmp(rest, "/")) return FOLDER;
    if (!strcmp(rest, "/db.sqlite3")) return DATABASE;
    if (!strcmp(rest, "/db.sqlite3-wal")) return WAL;
    if (!strcmp(rest, "/server.log")) return NONE;
    return *rest == '/' ? OTHER : NONE;
}

static int kind(int fd) { return fd >= 0 && fd < FDS ? kinds[fd] : NONE; }
static int is_recorded(int k) { return control[2] && log_fd >= 0 && k != NONE && k != OTHER; }

static void record(int operation, int file, uint64_t offset, uint64_t length, const void *data) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct record head = { operation, file, 0, (uint32_t)gettid(),
                           (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, offset, length };
    struct iovec parts[2] = { { &head, sizeof head }, { (void *)data, data ? length : 0 } };
    int kept = errno;
    if (writev(log_fd, parts, data ? 2 : 1) < 0) abort(); /* half a record is worse than none */
    errno = kept;
}

static int opened(int fd, const char *path, int flags) {
    if (fd < 0 || fd >= FDS) return fd;
    int k = kind_of(path);
    kinds[fd] = (unsigned char)k;
    if ((flags & O_CREAT) && k == WAL && is_recorded(k)) {
        struct stat about;
        if (!fstat(fd, &about) && about.st_size == 0) record(CREATE, k, 0, 0, NULL);
    }
    return fd;
}

int open64(const char *path, int flags, ...) {
    ready();
    va_list rest; va_start(rest, flags); mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(rest, mode_t) : 0; va_end(rest);
    return opened(real_open64(path, flags, mode), path, flags);
}

int open(const char *path, int flags, ...) {
    ready();
    va_list rest; va_start(rest, flags); mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(rest, mode_t) : 0; va_end(rest);
    return opened(real_open64(path, flags, mode), path, flags);
}

int close(int fd) {
    ready();
    if (fd >= 0 && fd < FDS) kinds[fd] = NONE;
    return real_close(fd);
}

/* How many bytes may be written; 0 for "no space is left". */
static size_t allowed(int fd, size_t length, off64_t end) {
    struct stat about;
    switch (control[0]) {
        case 1: return fstat(fd, &about) || end > about.st_size ? 0 : length;
        case 2: return 0;
        case 3: return length / 2;
        default: return length;
    }
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    ready();
    int k = kind(fd);
    if (k == NONE) return real_pwrite64(fd, data, length, offset);
    size_t may = allowed(fd, length, offset + (off64_t)length);
    if (length && !may) { errno = ENOSPC; return -1; }
    if (!is_recorded(k)) return real_pwrite64(fd, data, may, offset);
    pthread_mutex_lock(&turn);
    ssize_t written = real_pwrite64(fd, data, may, offset);
    if (written > 0) record(WRITE, k, (uint64_t)offset, (uint64_t)written, data);
    pthread_mutex_unlock(&turn);
    return written;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite64(fd, data, length, offset); }

ssize_t write(int fd, const void *data, size_t length) {
    ready();
    int k = kind(fd);
    if (k != NONE && k != FOLDER && control[0] && length) {
        off64_t at = lseek64(fd, 0, SEEK_CUR);
        size_t may = allowed(fd, length, at + (off64_t)length);
        if (!may) { errno = ENOSPC; return -1; }
        length = may;
    }
    if (!is_recorded(k)) return real_write(fd, data, length);
    pthread_mutex_lock(&turn);
    off64_t at = lseek64(fd, 0, SEEK_CUR);
    ssize_t written = real_write(fd, data, length);
    if (written > 0) record(WRITE, k, (uint64_t)at, (uint64_t)written, data);
    pthread_mutex_unlock(&turn);
    return written;
}

int ftruncate64(int fd, off64_t length) {
    ready();
    int k = kind(fd);
    if (!is_recorded(k)) return real_ftruncate64(fd, length);
    pthread_mutex_lock(&turn);
    int failed = real_ftruncate64(fd, length);
    if (!failed) record(TRUNCATE, k, (uint64_t)length, 0, NULL);
    pthread_mutex_unlock(&turn);
    return failed;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

/* What was written before the call is durable when it has returned; what is written meanwhile may not be. */
static int synced(int fd, int (*sync)(int)) {
    int k = kind(fd);
    if (k != NONE && control[1]) { errno = EIO; return -1; }
    if (!is_recorded(k)) return sync(fd);
    pthread_mutex_lock(&turn);
    record(SYNC_BEGIN, k, 0, 0, NULL);
    pthread_mutex_unlock(&turn);
    int failed = sync(fd);
    if (!failed) {
        pthread_mutex_lock(&turn);
        record(SYNC_END, k, 0, 0, NULL);
        pthread_mutex_unlock(&turn);
    }
    return failed;
}

int fsync(int fd) { ready(); return synced(fd, real_fsync); }
int fdatasync(int fd) { ready(); return synced(fd, real_fdatasync); }

int unlink(const char *path) {
    ready();
    int k = kind_of(path);
    int failed = real_unlink(path);
    if (!failed && is_recorded(k)) {
        pthread_mutex_lock(&turn);
        record(UNLINK, k, 0, 0, NULL);
        pthread_mutex_unlock(&turn);
    }
    return failed;
}
