#include "engine/native/graph.h"

#include <cstring>
#include <initializer_list>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native::native {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;
// Far beyond any image network, and small enough that products of a few of them fit 64 bits.
constexpr int kMaxSide = 1 << 16;
constexpr int kMaxLayers = 1 << 16;
constexpr std::uint64_t kMaxHeader = std::uint64_t{100} << 20;

[[noreturn]] void Fail(const std::string& what) { throw Error(ErrorCode::kModelLoad, what); }

int Integer(const Json& json, const char* what, int least, int most) {
  if (json.is_number_integer()) {
    const auto value = json.get<std::int64_t>();
    if (value >= least && value <= most) return static_cast<int>(value);
  }
  Fail(StrCat(what, " must be an integer from ", least, " to ", most, ", not ", json.dump()));
}

const Json& Member(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) Fail(StrCat("'", key, "' is missing"));
  return *found;
}

template <std::size_t kCount>
std::array<int, kCount> Integers(const Json& object, const char* key, int least) {
  const Json& list = Member(object, key);
  if (!list.is_array() || list.size() != kCount) Fail(StrCat("'", key, "' must be a list of ", kCount, " integers"));
  std::array<int, kCount> values{};
  for (std::size_t i = 0; i < kCount; ++i) values[i] = Integer(list[i], key, least, kMaxSide);
  return values;
}

std::string Text(const Json& object, const char* key) {
  const Json& text = Member(object, key);
  if (!text.is_string()) Fail(StrCat("'", key, "' must be a text"));
  return text.get<std::string>();
}

/// The tensors of a safetensors file and the text of its graph.
struct Contents {
  std::map<std::string, Tensor> tensors;
  std::string graph;
};

Tensor ReadTensor(const std::string& name, const Json& entry, const std::byte* data, std::size_t size) {
  const std::string type = entry.is_object() ? Text(entry, "dtype") : "";
  if (type != "F32" && type != "F16") Fail(StrCat("tensor '", name, "' must have dtype F32 or F16"));
  const Json& shape = Member(entry, "shape");
  const Json& offsets = Member(entry, "data_offsets");
  if (!shape.is_array() || shape.size() > 4 || !offsets.is_array() || offsets.size() != 2 ||
      !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned()) {
    Fail(StrCat("tensor '", name, "' must have a shape of at most four sides and two offsets"));
  }
  Tensor tensor;
  tensor.is_half = type == "F16";
  std::size_t bytes = tensor.is_half ? sizeof(std::uint16_t) : sizeof(float);
  for (const Json& side : shape) {
    tensor.shape.push_back(Integer(side, "a tensor's side", 1, kMaxSide));
    const auto count = static_cast<std::size_t>(tensor.shape.back());
    if (bytes > size / count) Fail(StrCat("tensor '", name, "' is larger than the file"));
    bytes *= count;
  }
  const auto begin = offsets[0].get<std::uint64_t>();
  const auto end = offsets[1].get<std::uint64_t>();
  if (begin > end || end > size || end - begin != bytes) {
    Fail(StrCat("tensor '", name, "' must have ", bytes, " bytes within the file's ", size));
  }
  tensor.data = data + begin;
  return tensor;
}

Contents ReadContents(const MappedFile& file) {
  std::uint64_t length = 0;
  if (file.size() < sizeof length) Fail("the file is too short for a safetensors file");
  std::memcpy(&length, file.data(), sizeof length);
  if (length > kMaxHeader || length > file.size() - sizeof length) {
    Fail(StrCat("the header of ", length, " bytes does not fit the file"));
  }
  const auto* text = reinterpret_cast<const char*>(file.data() + sizeof length);
  const Json header = Json::parse(text, text + length, nullptr, false);
  if (!header.is_object()) Fail("the header is no JSON object");
  const std::byte* data = file.data() + sizeof length + length;
  const std::size_t size = file.size() - sizeof length - static_cast<std::size_t>(length);
  Contents contents;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") {
      contents.graph = Text(entry, "hrnet_native.graph");
    } else {
      contents.tensors.emplace(name, ReadTensor(name, entry, data, size));
    }
  }
  return contents;
}

/// Turns the graph's JSON into layers, one after the other.
class LayerReader {
 public:
  LayerReader(const std::map<std::string, Tensor>& tensors, ValueId input) : tensors_(tensors) {
    defined_.emplace(input, 0);
  }

  ValueId Value(const Json& json) const {
    const auto found = defined_.find(Integer(json, "a value", 0, std::numeric_limits<int>::max()));
    if (found == defined_.end()) Fail(StrCat("value ", json.dump(), " is used before it is defined"));
    return found->second;
  }

  Layer Read(const Json& json) {
    if (!json.is_object()) Fail("a layer must be an object");
    Layer layer{};
    const std::string op = Text(json, "op");
    if (op == "conv") {
      layer.op = Op::kConv;
      ReadWeights(json, 4, layer);
      layer.kernel = {layer.weight.shape[2], layer.weight.shape[3]};
      layer.stride = Integers<2>(json, "stride", 1);
      layer.padding = Integers<4>(json, "padding", 0);
    } else if (op == "fc") {
      layer.op = Op::kDense;
      ReadWeights(json, 2, layer);
    } else if (op == "add") {
      layer.op = Op::kAdd;
      ReadAddends(json, layer);
    } else if (op == "max_pool" || op == "average_pool") {
      layer.op = op == "max_pool" ? Op::kMaxPool : Op::kAveragePool;
      layer.kernel = Integers<2>(json, "kernel", 1);
      layer.stride = Integers<2>(json, "stride", 1);
      layer.padding = Integers<4>(json, "padding", 0);
      for (std::size_t i = 0; i < 4; ++i) {
        // Every window holds a pixel then.
        if (layer.padding[i] >= layer.kernel[i % 2]) Fail("a pool's padding must be smaller than its kernel");
      }
    } else if (op == "global_average_pool") {
      layer.op = Op::kGlobalAveragePool;
    } else if (op == "scale") {
      layer.op = Op::kScale;
    } else if (op == "softmax") {
      layer.op = Op::kSoftmax;
    } else {
      Fail(StrCat("operator '", op, "' is not known to this version"));
    }
    if (op != "add") layer.inputs.push_back(Value(Member(json, "input")));
    if (op == "scale") layer.inputs.push_back(Value(Member(json, "scale")));
    if (const auto residual = json.find("residual"); residual != json.end() && !residual->is_null()) {
      if (op != "conv" && op != "scale") Fail(StrCat("operator '", op, "' takes no residual"));
      layer.residual = Value(*residual);
    }
    if (const auto activation = json.find("activation"); activation != json.end()) {
      layer.activation = ReadActivation(*activation, layer.op);
    }
    Define(Member(json, "output"), layer);
    return layer;
  }

  int num_values() const { return static_cast<int>(defined_.size()); }

 private:
  const Tensor& Find(const Json& object, const char* key) const {
    const std::string name = Text(object, key);
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) Fail(StrCat("tensor '", name, "' is missing"));
    return found->second;
  }

  void ReadWeights(const Json& json, std::size_t rank, Layer& layer) const {
    layer.weight = Find(json, "weight");
    if (layer.weight.shape.size() != rank) Fail(StrCat("a weight must have ", rank, " sides"));
    if (!json.contains("bias") || json["bias"].is_null()) return;
    layer.bias = Find(json, "bias");
    if (layer.bias.shape != std::vector<int>{layer.weight.shape[0]}) Fail("a bias must have one value an output");
  }

  void ReadAddends(const Json& json, Layer& layer) const {
    const Json& inputs = Member(json, "inputs");
    const Json& factors = Member(json, "upsample");
    if (!inputs.is_array() || inputs.empty() || !factors.is_array() || factors.size() != inputs.size()) {
      Fail("'inputs' and 'upsample' must be lists of equal length, not empty");
    }
    for (const Json& input : inputs) layer.inputs.push_back(Value(input));
    for (const Json& factor : factors) layer.upsample.push_back(Integer(factor, "'upsample'", 1, kMaxSide));
  }

  static Activation ReadActivation(const Json& json, Op op) {
    if (json == "none") return Activation::kNone;
    const bool takes_relu = op == Op::kConv || op == Op::kDense || op == Op::kAdd || op == Op::kScale;
    if (json == "relu" && takes_relu) return Activation::kRelu;
    if (json == "sigmoid" && op == Op::kDense) return Activation::kSigmoid;
    Fail(StrCat("activation ", json.dump(), " is not known for this operator"));
  }

  void Define(const Json& json, Layer& layer) {
    const int number = Integer(json, "'output'", 0, std::numeric_limits<int>::max());
    layer.output = num_values();
    if (!defined_.emplace(number, layer.output).second) Fail(StrCat("value ", number, " is defined twice"));
  }

  const std::map<std::string, Tensor>& tensors_;
  std::map<int, ValueId> defined_;  // numbers in the file to consecutive ones
};

}  // namespace

Graph ReadGraph(const std::filesystem::path& path) {
  try {
    Graph graph;
    graph.file = std::make_shared<const MappedFile>(path);
    const Contents contents = ReadContents(*graph.file);
    const Json json = Json::parse(contents.graph, nullptr, false);
    if (!json.is_object()) Fail("the metadata's 'hrnet_native.graph' is no JSON object");
    if (Integer(Member(json, "version"), "'version'", 0, std::numeric_limits<int>::max()) != kVersion) {
      Fail(StrCat("the graph has version ", json["version"].dump(), ", and this library reads version ", kVersion));
    }
    const Json& input = Member(json, "input");
    graph.channels = Integer(Member(input, "channels"), "'channels'", 1, kMaxSide);
    graph.height = Integer(Member(input, "height"), "'height'", 1, kMaxSide);
    graph.width = Integer(Member(input, "width"), "'width'", 1, kMaxSide);
    LayerReader reader(contents.tensors,
                       Integer(Member(input, "value"), "'value'", 0, std::numeric_limits<int>::max()));
    const Json& layers = Member(json, "layers");
    if (!layers.is_array() || layers.empty() || layers.size() > kMaxLayers) {
      Fail(StrCat("'layers' must be a list of 1 to ", kMaxLayers));
    }
    for (const Json& layer : layers) {
      try {
        graph.layers.push_back(reader.Read(layer));
      } catch (const Error& error) {
        Fail(StrCat("layer ", graph.layers.size(), ": ", error.what()));
      }
    }
    graph.output = reader.Value(Member(json, "output"));
    graph.num_values = reader.num_values();
    return graph;
  } catch (const Error& error) {
    throw Error(ErrorCode::kModelLoad, StrCat(path, ": ", error.what()));
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::kModelLoad, StrCat(path, ": ", error.what()));
  }
}

}  // namespace hrnet_native::native
