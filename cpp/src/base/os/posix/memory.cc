#include "base/os/memory.h"

#include <sys/mman.h>

#include <memory>
#include <new>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace hrnet_native::os {

void* MapMemory(std::size_t size) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return memory;
}

void UnmapMemory(void* memory, std::size_t size) noexcept { munmap(memory, size); }

void AdviseHugePages(void* memory, std::size_t size) noexcept {
  if (std::align(kHugePage, kHugePage, memory, size) != nullptr) {
    madvise(memory, size / kHugePage * kHugePage, MADV_HUGEPAGE);
  }
}

void ReleaseFreedMemory() noexcept {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

}  // namespace hrnet_native::os
