#pragma once

#include <cstddef>
#include <memory>

namespace hrnet_native {

/// Zeroed memory that begins a cache line, and a huge page where there is enough of it and the system has such pages.
/// The system gives large ones page by page, each when it is first touched. A virtual machine may have to ask its host
/// for a page, which then is most of the time to the first answer: so threads should touch them at the same time.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t bytes);

  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  std::size_t size() const { return size_; }  ///< In bytes.

  /// Touches the pages that begin in one of so many parts of the bytes from `begin` to `end`.
  void Touch(std::size_t begin, std::size_t end, int part, int parts);

 private:
  struct Free {
    void* mapped;  ///< In which large ones lie; null for others.
    std::size_t bytes;
    void operator()(std::byte* data) const;
  };
  std::unique_ptr<std::byte, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace hrnet_native
