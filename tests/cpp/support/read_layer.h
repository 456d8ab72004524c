#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/native/json.h"
#include "engine/native/layer_fields.h"
#include "engine/native/symbols.h"

namespace hrnet_native::native {

/// What an operator reads from a layer's fields, which may name the values from 0 to `values` - 1.
inline Layer ReadLayer(void (*read)(LayerFields& fields, Layer& layer), const std::string& fields, int values) {
  const std::optional<Json> json = ParseJson(fields);
  Symbols symbols({});
  for (int value = 0; value < values; ++value) symbols.Define(Json{static_cast<std::uint64_t>(value)}, "a value");
  LayerFields reader(Object(json.value(), "it"), symbols);
  Layer layer;
  read(reader, layer);
  return layer;
}

}  // namespace hrnet_native::native
