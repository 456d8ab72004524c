#pragma once

#include <string>

#include "engine/native/layer_fields.h"

namespace hrnet_native::native {

/// An operator as the file names it.
struct OperatorRow {
  const char* name;
  /// Reads a layer: its fields, its inputs and its residual. Throws Error kModelLoad.
  void (*read)(LayerFields& fields, Layer& layer);
};

/// Throws Error kModelLoad if there is no operator of this name.
const OperatorRow& FindOperator(const std::string& name);

// One for each row, in the operator's own file.
void ReadAdd(LayerFields& fields, Layer& layer);
void ReadAveragePool(LayerFields& fields, Layer& layer);
void ReadConv(LayerFields& fields, Layer& layer);
void ReadFullyConnected(LayerFields& fields, Layer& layer);
void ReadGlobalAveragePool(LayerFields& fields, Layer& layer);
void ReadMaxPool(LayerFields& fields, Layer& layer);
void ReadScale(LayerFields& fields, Layer& layer);
void ReadSoftmax(LayerFields& fields, Layer& layer);

}  // namespace hrnet_native::native
