#include "base/aligned_buffer.h"

#include <sys/mman.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace hrnet_native {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

AlignedBuffer::AlignedBuffer(std::size_t floats) : size_(floats) {
  const std::size_t bytes = floats * sizeof(float);
  const std::size_t alignment = bytes >= kHugePage ? kHugePage : kLine;
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  std::size_t room = rounded + alignment;
  void* memory = std::calloc(room, 1);
  if (memory == nullptr) throw std::bad_alloc();
  void* begin = memory;
  data_ = {static_cast<float*>(std::align(alignment, rounded, begin, room)), Free{memory}};
  if (alignment == kHugePage) madvise(data(), rounded, MADV_HUGEPAGE);  // before the first touch; a wish only
}

void AlignedBuffer::Touch(int part, int parts) {
  constexpr std::size_t kPageFloats = 4096 / sizeof(float);
  const std::size_t pages = size_ / kPageFloats;
  const auto begin = pages * static_cast<std::size_t>(part) / static_cast<std::size_t>(parts);
  const auto end = pages * static_cast<std::size_t>(part + 1) / static_cast<std::size_t>(parts);
  for (std::size_t page = begin; page < end; ++page) {
    volatile float* first = data() + page * kPageFloats;
    *first = *first;
  }
}

void AlignedBuffer::Free::operator()(float*) const { std::free(memory); }

}  // namespace hrnet_native
