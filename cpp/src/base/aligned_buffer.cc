#include "base/aligned_buffer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "base/os/memory.h"

namespace hrnet_native {
namespace {

constexpr std::size_t kLine = 64;

std::size_t RoundUp(std::size_t size, std::size_t step) { return (size + step - 1) / step * step; }

}  // namespace

AlignedBuffer::AlignedBuffer(std::size_t bytes) : size_(bytes) {
  if (bytes < os::kHugePage) {
    const std::size_t rounded = RoundUp(std::max(bytes, kLine), kLine);
    data_.reset(static_cast<std::byte*>(std::aligned_alloc(kLine, rounded)));
    if (!data_) throw std::bad_alloc();
    std::memset(data(), 0, rounded);
    return;
  }
  // From the system, not from malloc: that keeps what is freed, and zeroes it where it gives it away again.
  const std::size_t rounded = RoundUp(bytes, os::kHugePage);
  std::size_t room = rounded + os::kHugePage;
  void* memory = os::MapMemory(room);
  os::AdviseHugePages(memory, room);
  const Free free{memory, room};
  void* begin = memory;
  data_ = {static_cast<std::byte*>(std::align(os::kHugePage, rounded, begin, room)), free};
}

void AlignedBuffer::Touch(std::size_t begin, std::size_t end, int part, int parts) {
  constexpr std::size_t kPage = 4096;
  const std::size_t first_page = begin / kPage;
  const std::size_t pages = end / kPage - first_page;
  const auto page_of = [&](int number) {
    return first_page + pages * static_cast<std::size_t>(number) / static_cast<std::size_t>(parts);
  };
  for (std::size_t page = page_of(part); page < page_of(part + 1); ++page) {
    volatile std::byte* first = data() + page * kPage;
    *first = *first;
  }
}

void AlignedBuffer::Free::operator()(std::byte* data) const {
  if (mapped != nullptr) {
    os::UnmapMemory(mapped, bytes);
  } else {
    std::free(data);
  }
}

}  // namespace hrnet_native
