#pragma once

#include <cstddef>
#include <memory>

namespace hrnet_native {

/// Zeroed floats that begin a cache line, and a huge page where there are enough of them and the system has such pages.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t floats);

  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(float* p) const;
  };
  std::unique_ptr<float, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace hrnet_native
