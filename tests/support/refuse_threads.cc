// Preloaded into a process: refuses it threads once it asks for that. RLIMIT_NPROC would not hold for root.
#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>

static std::atomic<bool> refuses{false};

extern "C" void refuse_threads(int whether) { refuses = whether != 0; }

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*main)(void*),
                              void* argument) noexcept {
  using Function = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto kReal = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "pthread_create"));
  return refuses ? EAGAIN : kReal(thread, attributes, main, argument);
}
