#pragma once

#include <string_view>

namespace hrnet_native {

/// The files of a model directory as bytes, borrowed for the call. An empty one is not there, and need not be.
struct ModelBytes {
  std::string_view program;  ///< inference.json or inference.pdmodel; its content tells which.
  std::string_view params;   ///< inference.pdiparams
  std::string_view config;   ///< inference.yml
  std::string_view native;   ///< native.safetensors
};

}  // namespace hrnet_native
