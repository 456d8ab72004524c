#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace hrnet_native::native {

/// A tensor in the file: little endian, row major; not aligned to more than a byte. Null where there is none.
struct Tensor {
  const std::byte* data = nullptr;
  std::vector<int> shape;
  bool is_half = false;  ///< float16; otherwise float32.

  /// Values that it has; 1 if it has no side.
  std::size_t size() const { return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>()); }
};

/// What a safetensors file of floats holds.
struct Safetensors {
  std::map<std::string, Tensor> tensors;
  std::string graph;  ///< The metadata's `hrnet_native.graph`.
};

/// Reads a whole file that lies in memory, into which the tensors point. As the format wants it, they follow each other
/// without gap or overlap: a small file cannot pretend to hold much. Throws Error kModelLoad, naming what is wrong.
Safetensors ReadSafetensors(const std::byte* file, std::size_t size);

}  // namespace hrnet_native::native
