#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "engine/native/activation.h"

namespace hrnet_native::native {

/// A value: what a layer gives. 0 is the network's input.
using ValueId = int;
constexpr ValueId kNoValue = -1;

/// A tensor in the file: little endian, row major; not aligned to more than a byte. Null where there is none.
struct Tensor {
  const std::byte* data = nullptr;
  std::vector<int> shape;
  bool is_half = false;  ///< float16; otherwise float32.
};

enum class Op { kConv, kAdd, kMaxPool, kAveragePool, kGlobalAveragePool, kDense, kScale, kSoftmax };

/// One layer; docs/native-format.md says what each operator has.
struct Layer {
  Op op;
  std::vector<ValueId> inputs;  ///< kScale: the map, then the factors.
  ValueId output;
  ValueId residual = kNoValue;
  Activation activation = Activation::kNone;
  Tensor weight;
  Tensor bias;
  std::array<int, 2> kernel{1, 1};
  std::array<int, 2> stride{1, 1};
  std::array<int, 4> padding{};  ///< Top, left, bottom, right.
  std::vector<int> upsample;     ///< kAdd: a factor for each input.
};

/// A network as `native.safetensors` holds it, checked in itself: values are defined once and before use, tensors lie
/// within the file and have the ranks that their layers want. Whether the shapes fit is found when a size is planned.
struct Graph {
  std::shared_ptr<const MappedFile> file;  ///< Tensors point into it.
  int channels = 0;
  int height = 0;  ///< The size that the network was exported with.
  int width = 0;
  ValueId output = kNoValue;
  int num_values = 0;
  std::vector<Layer> layers;
};

/// Reads a file. Throws Error kModelLoad, naming what is wrong.
Graph ReadGraph(const std::filesystem::path& path);

}  // namespace hrnet_native::native
