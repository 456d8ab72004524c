#include "engine/native/graph.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "base/str_cat.h"
#include "engine/native/json_fields.h"
#include "engine/native/layer_fields.h"
#include "engine/native/limits.h"
#include "engine/native/operators/operators.h"
#include "engine/native/symbols.h"

namespace hrnet_native::native {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr int kMaxLayers = 1 << 16;

Layer ReadLayer(const Json& json, Symbols& symbols) {
  const Json::Object& object = Object(json, "it");
  const OperatorRow& row = FindOperator(Text(object, "op"));
  Layer layer;
  layer.name = row.name;
  LayerFields fields(object, symbols);
  row.read(fields, layer);
  layer.output = symbols.Define(Member(object, "output"), "'output'");
  return layer;
}

void RequireVersion(const Json& version) {
  const auto* number = version.As<std::uint64_t>();
  if (number != nullptr && *number == kVersion) return;
  FailToLoad(StrCat("the graph has version ", Shown(version), ", and this library reads version ", kVersion));
}

}  // namespace

Graph ParseGraph(const std::shared_ptr<const ByteSource>& file) {
  Safetensors contents = ReadSafetensors(file);
  const std::optional<Json> json = ParseJson(contents.graph);
  const auto* fields = json ? json->As<Json::Object>() : nullptr;
  if (fields == nullptr) FailToLoad("the metadata's 'hrnet_native.graph' is no JSON object");
  RequireVersion(Member(*fields, "version"));
  RequireFields(*fields, "version input output layers");
  const Json::Object& input = Object(Member(*fields, "input"), "'input'");
  RequireFields(input, "value channels height width");
  Graph graph;
  graph.file_bytes = file->size();
  graph.channels = Integer(Member(input, "channels"), "'channels'", 1, kMaxSide);
  graph.height = Integer(Member(input, "height"), "'height'", 1, kMaxSide);
  graph.width = Integer(Member(input, "width"), "'width'", 1, kMaxSide);
  Symbols symbols(std::move(contents.tensors));
  symbols.Define(Member(input, "value"), "'value'");
  const Json& list = Member(*fields, "layers");
  const auto* layers = list.As<Json::Array>();
  if (layers == nullptr || layers->empty() || layers->size() > kMaxLayers) {
    FailToLoad(StrCat("'layers' must be a list of 1 to ", kMaxLayers, ", not ", Shown(list)));
  }
  for (const Json& layer : *layers) {
    try {
      graph.layers.push_back(ReadLayer(layer, symbols));
    } catch (const Error& error) {
      FailToLoad(StrCat("layer ", graph.layers.size(), ": ", error.what()));
    }
  }
  graph.output = symbols.Value(Member(*fields, "output"));
  symbols.RequireNoTensorLeft();
  return graph;
}

Graph ReadGraph(const ModelFile& file) {
  try {
    return ParseGraph(Open(file));
  } catch (const Error& error) {
    throw Error(ErrorCode::kModelLoad, StrCat(file.path(), ": ", error.what()));
  }
}

}  // namespace hrnet_native::native
