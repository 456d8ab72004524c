#include "engine/native/graph.h"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/str_cat.h"
#include "engine/native/json_fields.h"
#include "engine/native/limits.h"
#include "hrnet_native/error.h"

namespace hrnet_native::native {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr int kMaxLayers = 1 << 16;
constexpr int kMaxInt = std::numeric_limits<int>::max();

/// The operators and their fields, as docs/native-format.md has them.
const struct OpRow {
  const char* name;
  Op op;
  const char* fields;
} kOps[] = {
    {"conv", Op::kConv, "op input output weight bias? stride padding residual? activation"},
    {"add", Op::kAdd, "op inputs upsample output activation"},
    {"max_pool", Op::kMaxPool, "op input output kernel stride padding"},
    {"average_pool", Op::kAveragePool, "op input output kernel stride padding"},
    {"global_average_pool", Op::kGlobalAveragePool, "op input output"},
    {"fc", Op::kDense, "op input output weight bias? activation"},
    {"scale", Op::kScale, "op input scale output residual? activation"},
    {"softmax", Op::kSoftmax, "op input output"},
};

const OpRow& FindOp(const std::string& name) {
  for (const OpRow& row : kOps) {
    if (name == row.name) return row;
  }
  FailToLoad(StrCat("operator ", Shown(name), " is not known to this version"));
}

/// Turns the graph's JSON into layers, one after the other.
class LayerReader {
 public:
  LayerReader(std::map<std::string, Tensor> tensors, ValueId input) : tensors_(std::move(tensors)) {
    defined_.emplace(input, 0);
  }

  ValueId Value(const Json& json) const {
    const auto found = defined_.find(Integer(json, "a value", 0, kMaxInt));
    if (found == defined_.end()) FailToLoad(StrCat("value ", Shown(json), " is used before it is defined"));
    return found->second;
  }

  Layer Read(const Json& json) {
    const Json::Object& fields = Object(json, "it");
    const OpRow& row = FindOp(Text(fields, "op"));
    RequireFields(fields, row.fields);
    Layer layer{};
    layer.op = row.op;
    if (row.op == Op::kAdd) {
      ReadAddends(fields, layer);
    } else {
      layer.inputs.push_back(Value(Member(fields, "input")));
    }
    if (row.op == Op::kScale) layer.inputs.push_back(Value(Member(fields, "scale")));
    if (const Json* residual = Find(fields, "residual")) layer.residual = Value(*residual);
    if (Find(fields, "weight") != nullptr) ReadWeights(fields, layer);
    if (Find(fields, "kernel") != nullptr) layer.kernel = Integers<2>(fields, "kernel", 1);
    if (Find(fields, "stride") != nullptr) layer.stride = Integers<2>(fields, "stride", 1);
    if (Find(fields, "padding") != nullptr) layer.padding = Integers<4>(fields, "padding", 0);
    if (const Json* activation = Find(fields, "activation")) layer.activation = ReadActivation(*activation, row.op);
    const bool pools = row.op == Op::kMaxPool || row.op == Op::kAveragePool;
    for (std::size_t i = 0; pools && i < 4; ++i) {
      // Every window holds a pixel then.
      if (layer.padding[i] >= layer.kernel[i % 2]) FailToLoad("a pool's padding must be smaller than its kernel");
    }
    layer.output = Define(Member(fields, "output"));
    return layer;
  }

  /// A tensor that no layer uses would be one that this reader misunderstands.
  void RequireNoTensorLeft() const {
    if (!tensors_.empty()) FailToLoad(StrCat("tensor ", Shown(tensors_.begin()->first), " is used by no layer"));
  }

 private:
  /// Each tensor belongs to one layer: packing the same few weights for many would take any amount of memory.
  Tensor Take(const Json::Object& fields, const char* key) {
    const std::string& name = Text(fields, key);
    auto taken = tensors_.extract(name);
    if (taken.empty()) FailToLoad(StrCat("tensor ", Shown(name), " is missing, or used by another layer"));
    return std::move(taken.mapped());
  }

  void ReadWeights(const Json::Object& fields, Layer& layer) {
    const std::size_t rank = layer.op == Op::kConv ? 4 : 2;
    layer.weight = Take(fields, "weight");
    if (layer.weight.shape.size() != rank) FailToLoad(StrCat("a weight must have ", rank, " sides"));
    if (layer.op == Op::kConv) layer.kernel = {layer.weight.shape[2], layer.weight.shape[3]};
    if (Find(fields, "bias") == nullptr) return;
    layer.bias = Take(fields, "bias");
    if (layer.bias.shape != std::vector<int>{layer.weight.shape[0]}) FailToLoad("a bias must have one value an output");
  }

  void ReadAddends(const Json::Object& fields, Layer& layer) const {
    const auto* inputs = Member(fields, "inputs").As<Json::Array>();
    const auto* factors = Member(fields, "upsample").As<Json::Array>();
    if (inputs == nullptr || inputs->empty() || factors == nullptr || factors->size() != inputs->size()) {
      FailToLoad("'inputs' and 'upsample' must be lists of equal length, not empty");
    }
    for (const Json& input : *inputs) layer.inputs.push_back(Value(input));
    for (const Json& factor : *factors) layer.upsample.push_back(Integer(factor, "'upsample'", 1, kMaxSide));
  }

  static Activation ReadActivation(const Json& json, Op op) {
    const auto is = [word = json.As<std::string>()](const char* name) { return word != nullptr && *word == name; };
    if (is("none")) return Activation::kNone;
    if (is("relu")) return Activation::kRelu;
    if (is("sigmoid") && op == Op::kDense) return Activation::kSigmoid;
    FailToLoad(StrCat("activation ", Shown(json), " is not known for this operator"));
  }

  ValueId Define(const Json& json) {
    const int number = Integer(json, "'output'", 0, kMaxInt);
    const auto value = static_cast<ValueId>(defined_.size());
    if (!defined_.emplace(number, value).second) FailToLoad(StrCat("value ", number, " is defined twice"));
    return value;
  }

  std::map<std::string, Tensor> tensors_;  // those that no layer has taken
  std::map<int, ValueId> defined_;         // numbers in the file to consecutive ones
};

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
  LayerReader reader(std::move(contents.tensors), Integer(Member(input, "value"), "'value'", 0, kMaxInt));
  const Json& list = Member(*fields, "layers");
  const auto* layers = list.As<Json::Array>();
  if (layers == nullptr || layers->empty() || layers->size() > kMaxLayers) {
    FailToLoad(StrCat("'layers' must be a list of 1 to ", kMaxLayers, ", not ", Shown(list)));
  }
  for (const Json& layer : *layers) {
    try {
      graph.layers.push_back(reader.Read(layer));
    } catch (const Error& error) {
      FailToLoad(StrCat("layer ", graph.layers.size(), ": ", error.what()));
    }
  }
  graph.output = reader.Value(Member(*fields, "output"));
  reader.RequireNoTensorLeft();
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
