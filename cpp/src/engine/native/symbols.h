#pragma once

#include <map>
#include <string>

#include "engine/native/graph.h"
#include "engine/native/json.h"
#include "engine/native/safetensors.h"

namespace hrnet_native::native {

/// What a graph's layers call by name: tensors, and values, which get consecutive numbers. All throw Error kModelLoad.
class Symbols {
 public:
  explicit Symbols(std::map<std::string, Tensor> tensors) : tensors_(std::move(tensors)) {}

  /// A value that was defined before.
  ValueId Value(const Json& json) const;

  /// The network's input first. `field`: where the number stands, for a message.
  ValueId Define(const Json& json, const char* field);

  /// Each tensor belongs to one layer: packing the same few weights for many would take any amount of memory.
  Tensor Take(const std::string& name);

  /// A tensor that no layer uses would be one that this reader misunderstands.
  void RequireNoTensorLeft() const;

 private:
  std::map<std::string, Tensor> tensors_;  // those that no layer has taken
  std::map<int, ValueId> defined_;         // numbers in the file to consecutive ones
};

}  // namespace hrnet_native::native
