#include "faults.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <limits>

// What this program defines is found before what libraries define, and so is what they call themselves. glibc's own
// names of its allocator need no look-up, which would allocate.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace hrnet_native {
namespace {

thread_local bool spared = false;

/// Counts the calls of one kind, and says which are to fail.
class Counter {
 public:
  void Arm(long n, Extent extent) {
    first_ = n;
    last_ = extent == Extent::kOne ? n : std::numeric_limits<long>::max();
    calls_ = 0;
    armed_ = true;
  }
  void Disarm() { armed_ = false; }

  bool Refuses() {
    if (!armed_ || spared) return false;
    const long call = ++calls_;
    return first_ <= call && call <= last_;
  }
  bool has_refused() const { return calls_ >= first_; }

 private:
  std::atomic<bool> armed_{false};
  std::atomic<long> calls_{0};
  std::atomic<long> first_{0};
  std::atomic<long> last_{0};
};

Counter memory;
Counter threads;

Counter& CounterOf(Fault fault) { return fault == Fault::kThreads ? threads : memory; }

void* OutOfMemory() {
  errno = ENOMEM;
  return nullptr;
}

int LowestFreeDescriptor() {
  const int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(descriptor);
  return descriptor;
}

}  // namespace

Injection::Injection(Fault fault, Extent extent, long n) : fault_(fault) {
  if (fault == Fault::kDescriptors) {
    getrlimit(RLIMIT_NOFILE, &descriptors_);
    rlimit fewer = descriptors_;
    fewer.rlim_cur = static_cast<rlim_t>(LowestFreeDescriptor() + n - 1);
    setrlimit(RLIMIT_NOFILE, &fewer);
  } else {
    CounterOf(fault).Arm(n, extent);
  }
}

Injection::~Injection() {
  if (fault_ == Fault::kDescriptors) {
    setrlimit(RLIMIT_NOFILE, &descriptors_);
  } else {
    CounterOf(fault_).Disarm();
  }
}

bool Injection::happened() const { return fault_ == Fault::kDescriptors || CounterOf(fault_).has_refused(); }

}  // namespace hrnet_native

#pragma GCC visibility push(default)  // for the libraries to find them
extern "C" {

void* malloc(std::size_t size) noexcept {
  return hrnet_native::memory.Refuses() ? hrnet_native::OutOfMemory() : __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  return hrnet_native::memory.Refuses() ? hrnet_native::OutOfMemory() : __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) noexcept {
  return hrnet_native::memory.Refuses() ? hrnet_native::OutOfMemory() : __libc_realloc(old, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return hrnet_native::memory.Refuses() ? hrnet_native::OutOfMemory() : __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  if (hrnet_native::memory.Refuses()) return ENOMEM;
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}

/// Registers what is to be destroyed at a thread's end. Where glibc has no memory for that, it ends the process.
int __cxa_thread_atexit_impl(void (*destructor)(void*), void* object, void* library) {
  using Function = int (*)(void (*)(void*), void*, void*);
  static const auto kReal = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "__cxa_thread_atexit_impl"));
  hrnet_native::spared = true;
  const int failure = kReal(destructor, object, library);
  hrnet_native::spared = false;
  return failure;
}

void* mmap(void* address, std::size_t size, int protection, int flags, int file, off_t offset) noexcept {
  using Function = void* (*)(void*, std::size_t, int, int, int, off_t);
  static const auto kReal = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "mmap"));
  if (!hrnet_native::memory.Refuses()) return kReal(address, size, protection, flags, file, offset);
  errno = ENOMEM;
  return MAP_FAILED;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*main)(void*), void* argument) noexcept {
  using Function = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto kReal = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "pthread_create"));
  return hrnet_native::threads.Refuses() ? EAGAIN : kReal(thread, attributes, main, argument);
}

}  // extern "C"
#pragma GCC visibility pop
