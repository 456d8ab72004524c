#include "base/aligned_buffer.h"

#include <sys/mman.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace hrnet_native {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

std::size_t RoundUp(std::size_t size, std::size_t step) { return (size + step - 1) / step * step; }

}  // namespace

AlignedBuffer::AlignedBuffer(std::size_t floats) : size_(floats) {
  const std::size_t bytes = floats * sizeof(float);
  const std::size_t alignment = bytes >= kHugePage ? kHugePage : kLine;
  const std::size_t rounded = RoundUp(bytes, alignment);
  memory_.reset(std::calloc(rounded + alignment, 1));
  if (!memory_) throw std::bad_alloc();
  void* begin = memory_.get();
  std::size_t room = rounded + alignment;
  data_ = static_cast<float*>(std::align(alignment, rounded, begin, room));
  if (alignment == kHugePage) madvise(data_, rounded, MADV_HUGEPAGE);  // before the first touch; a wish only
}

void AlignedBuffer::Touch(int part, int parts) {
  constexpr std::size_t kPageFloats = 4096 / sizeof(float);
  const std::size_t pages = size_ / kPageFloats;
  const auto begin = pages * static_cast<std::size_t>(part) / static_cast<std::size_t>(parts);
  const auto end = pages * static_cast<std::size_t>(part + 1) / static_cast<std::size_t>(parts);
  for (std::size_t page = begin; page < end; ++page) {
    volatile float* first = data_ + page * kPageFloats;
    *first = *first;
  }
}

void AlignedBuffer::Free::operator()(void* p) const { std::free(p); }

}  // namespace hrnet_native
