#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/model_file.h"
#include "engine/native/operators/operator.h"

namespace hrnet_native::native {

/// A value: what a layer gives. 0 is the network's input.
using ValueId = int;
constexpr ValueId kNoValue = -1;

struct Layer {
  const char* name = "";  ///< Of the operator, as docs/native-format.md has it.
  std::shared_ptr<const Operator> op;
  std::vector<ValueId> inputs;
  ValueId residual = kNoValue;  ///< A map of the output's shape that is added to what the operator gives.
  ValueId output = kNoValue;
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
