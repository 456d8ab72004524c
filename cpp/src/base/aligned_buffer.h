#pragma once

#include <cstddef>
#include <memory>

namespace hrnet_native {

/// Zeroed floats that begin a cache line, and a huge page where there are enough of them and the system has such pages.
/// The system gives large ones page by page, each when it is first touched. A virtual machine may have to ask its host
/// for a page, which then is most of the time to the first answer: so threads should touch them at the same time.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t floats);

  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

  /// Touches the pages that begin in one of so many parts of the floats from `begin` to `end`.
  void Touch(std::size_t begin, std::size_t end, int part, int parts);

 private:
  struct Free {
    void* mapped;  ///< In which large ones lie; null for others.
    std::size_t bytes;
    void operator()(float* floats) const;
  };
  std::unique_ptr<float, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace hrnet_native
