#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/model_file.h"
#include "engine/native/activation.h"
#include "engine/native/safetensors.h"

namespace hrnet_native::native {

/// A value: what a layer gives. 0 is the network's input.
using ValueId = int;
constexpr ValueId kNoValue = -1;

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
/// within the file, belong to one layer each and have the ranks that their layers want. Whether the shapes fit is found
/// when a size is planned.
struct Graph {
  std::size_t file_bytes = 0;  ///< Size of the file, in which the tensors are.
  int channels = 0;
  int height = 0;  ///< The size that the network was exported with.
  int width = 0;
  ValueId output = kNoValue;
  std::vector<Layer> layers;
};

/// Reads a graph. Throws Error: kModelLoad, naming what is wrong, or as ByteSource::Read.
Graph ParseGraph(const std::shared_ptr<const ByteSource>& file);

/// Opens and reads a file, which stays open as long as the graph: weights are read when they are packed. Throws Error
/// kModelLoad, naming the file and what is wrong.
Graph ReadGraph(const ModelFile& file);

}  // namespace hrnet_native::native
