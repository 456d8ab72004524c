#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "base/byte_source.h"

namespace hrnet_native::native {

/// A tensor in a file: little endian, row major.
struct Tensor {
  std::shared_ptr<const ByteSource> file;  ///< Null where there is no tensor.
  std::uint64_t offset = 0;                ///< Of its first byte.
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

/// Reads a file's header. As the format wants it, the tensors follow each other without gap or overlap: a small file
/// cannot pretend to hold much. Throws Error: kModelLoad, naming what is wrong, or as ByteSource::Read.
Safetensors ReadSafetensors(const std::shared_ptr<const ByteSource>& file);

}  // namespace hrnet_native::native
