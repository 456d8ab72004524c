#include "model/inference_yml.h"

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "base/file.h"
#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

[[noreturn]] void Fail(const std::string& message) { throw Error(ErrorCode::kModelLoad, message); }

template <typename T>
T As(const YAML::Node& node, const std::string& what, const char* expected) {
  T value{};
  if (!node.IsDefined()) Fail(StrCat(what, " is missing; expected ", expected));
  if (!node.IsScalar() || !YAML::convert<T>::decode(node, value)) {
    Fail(StrCat(what, " must be ", expected, ", not ", YAML::Dump(node)));
  }
  return value;
}

int PositiveInt(const YAML::Node& node, const std::string& what) {
  const int value = As<int>(node, what, "a positive integer");
  if (value <= 0 || value > 1 << 16) Fail(StrCat(what, " must be an integer from 1 to 65536, not ", value));
  return value;
}

/// PaddleClas writes a size as one number or as [width, height].
std::pair<int, int> HeightWidth(const YAML::Node& node, const std::string& what) {
  if (!node.IsDefined() || !node.IsSequence()) {
    const int side = PositiveInt(node, what);
    return {side, side};
  }
  if (node.size() != 2) Fail(StrCat(what, " must be a number or [width, height], not ", YAML::Dump(node)));
  return {PositiveInt(node[1], what), PositiveInt(node[0], what)};
}

/// A number, or a quotient such as "1.0/255.0", which PaddleClas evaluates.
float Scale(const YAML::Node& node) {
  const auto text = As<std::string>(node, "NormalizeImage.scale", "a number or a quotient of two");
  const std::size_t slash = text.find('/');
  const double numerator = As<double>(YAML::Node(text.substr(0, slash)), "NormalizeImage.scale", "a number");
  if (slash == std::string::npos) return static_cast<float>(numerator);
  const double denominator = As<double>(YAML::Node(text.substr(slash + 1)), "NormalizeImage.scale", "a number");
  if (denominator == 0) Fail(StrCat("NormalizeImage.scale divides by zero: ", text));
  return static_cast<float>(numerator / denominator);
}

std::array<float, 3> Channels(const YAML::Node& node, const std::string& what) {
  if (!node.IsSequence() || node.size() != 3) Fail(StrCat(what, " must be three numbers, not ", YAML::Dump(node)));
  std::array<float, 3> values{};
  for (std::size_t c = 0; c < 3; ++c) values[c] = As<float>(node[c], what, "three numbers");
  return values;
}

void CheckKeys(const YAML::Node& options, const std::string& op, const std::set<std::string>& known) {
  if (options.IsNull()) return;
  if (!options.IsMap()) Fail(StrCat(op, " must hold a mapping, not ", YAML::Dump(options)));
  for (const auto& entry : options) {
    const auto key = entry.first.as<std::string>();
    if (known.count(key) == 0) Fail(StrCat(op, " has an unknown option: ", key));
  }
}

/// Whether the option is there; null is Python's None, which leaves the choice to PaddleClas.
bool IsGiven(const YAML::Node& options, const char* key) {
  const YAML::Node node = options[key];
  return node.IsDefined() && !node.IsNull();
}

void CheckWord(const YAML::Node& options, const std::string& op, const char* key, const std::set<std::string>& words) {
  if (!IsGiven(options, key)) return;
  const YAML::Node node = options[key];
  const auto word = As<std::string>(node, StrCat(op, ".", key), "a word");
  if (words.count(word) == 0) {
    throw Error(ErrorCode::kUnsupported,
                StrCat(op, ".", key, "=", word, " is not supported; expected ", *words.rbegin()));
  }
}

void ReadDecode(const YAML::Node& options, PreprocessConfig& config) {
  CheckKeys(options, "DecodeImage", {"to_rgb", "to_np", "channel_first", "backend"});
  CheckWord(options, "DecodeImage", "channel_first", {"False", "false"});
  CheckWord(options, "DecodeImage", "backend", {"cv2"});
  if (IsGiven(options, "to_rgb") && !As<bool>(options["to_rgb"], "DecodeImage.to_rgb", "true or false")) {
    config.color = ColorOrder::kBgr;
  }
}

/// The value whose name, in letters of any case, the option is; without it `value` stays as it is.
template <typename Value>
void ReadName(const YAML::Node& options, const std::string& op, const char* key, std::initializer_list<Value> values,
              Value& value) {
  if (!IsGiven(options, key)) return;
  const auto word = As<std::string>(options[key], StrCat(op, ".", key), "a word");
  std::string lower = word;
  for (char& letter : lower) letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  std::string expected;
  for (const Value candidate : values) {
    if (lower == Name(candidate)) {
      value = candidate;
      return;
    }
    expected += StrCat(expected.empty() ? "" : ", ", Name(candidate));
  }
  throw Error(ErrorCode::kUnsupported, StrCat(op, ".", key, "=", word, " is not supported; expected ", expected));
}

void ReadResize(const YAML::Node& options, PreprocessConfig& config) {
  CheckKeys(options, "ResizeImage", {"resize_short", "size", "interpolation", "backend", "return_numpy"});
  ReadName(options, "ResizeImage", "backend", {ResizeBackend::kCv2, ResizeBackend::kPil}, config.backend);
  ReadName(options, "ResizeImage", "interpolation",
           {Interpolation::kNearest, Interpolation::kBilinear, Interpolation::kArea, Interpolation::kBicubic,
            Interpolation::kLanczos, Interpolation::kBox, Interpolation::kHamming},
           config.interpolation);
  // PaddleClas looks at size only where there is no positive resize_short.
  const bool has_short = IsGiven(options, "resize_short");
  const bool has_size = IsGiven(options, "size");
  if (!has_short && !has_size) Fail("ResizeImage must have resize_short or size");
  const int resize_short = has_short ? As<int>(options["resize_short"], "ResizeImage.resize_short", "an integer") : 0;
  if (resize_short > 0 || !has_size) {
    config.resize_short = PositiveInt(options["resize_short"], "ResizeImage.resize_short");
  } else {
    std::tie(config.resize_height, config.resize_width) = HeightWidth(options["size"], "ResizeImage.size");
  }
}

void ReadCrop(const YAML::Node& options, PreprocessConfig& config) {
  CheckKeys(options, "CropImage", {"size"});
  std::tie(config.crop_height, config.crop_width) = HeightWidth(options["size"], "CropImage.size");
}

void ReadNormalize(const YAML::Node& options, PreprocessConfig& config) {
  CheckKeys(options, "NormalizeImage", {"scale", "mean", "std", "order", "channel_num", "output_fp16"});
  CheckWord(options, "NormalizeImage", "channel_num", {"3", "4"});
  CheckWord(options, "NormalizeImage", "output_fp16", {"False", "false"});
  const PreprocessConfig defaults;  // they are NormalizeImage's own
  config.scale = IsGiven(options, "scale") ? Scale(options["scale"]) : defaults.scale;
  config.mean = IsGiven(options, "mean") ? Channels(options["mean"], "NormalizeImage.mean") : defaults.mean;
  config.std = IsGiven(options, "std") ? Channels(options["std"], "NormalizeImage.std") : defaults.std;
  if (IsGiven(options, "channel_num")) config.channel_num = options["channel_num"].as<int>();
}

void ReadToChw(const YAML::Node& options, PreprocessConfig&) { CheckKeys(options, "ToCHWImage", {}); }

/// NormalizeImage says in which layout it finds the picture: "chw" only if ToCHWImage came before.
void CheckOrder(const YAML::Node& options, bool is_chw) {
  CheckWord(options, "NormalizeImage", "order", {"", "chw", "hwc"});
  if (!IsGiven(options, "order")) return;
  const auto order = options["order"].as<std::string>();
  if ((order == "chw") != is_chw) {
    Fail(StrCat("NormalizeImage.order is '", order, "' where the picture is ", is_chw ? "chw" : "hwc"));
  }
}

struct Operator {
  void (*read)(const YAML::Node&, PreprocessConfig&);
  int place;  ///< Operators come in ascending order; those of equal place in any.
};

/// The network's input is what the last operator leaves, so its size must be the same for every picture.
void SettleInputSize(bool crops, PreprocessConfig& config) {
  if (!crops && config.resize_height == 0) {
    Fail("PreProcess.transform_ops must have CropImage, or ResizeImage with size: the network's input has one size");
  }
  if (!crops) {
    config.crop_height = config.resize_height;
    config.crop_width = config.resize_width;
  }
  const bool by_short_side = config.resize_short != 0;
  const int height = by_short_side ? config.resize_short : config.resize_height;
  const int width = by_short_side ? config.resize_short : config.resize_width;
  if (height != 0 && (config.crop_height > height || config.crop_width > width)) {
    Fail(StrCat("CropImage.size ", config.crop_width, "x", config.crop_height,
                " is larger than what ResizeImage gives, ", width, "x", height,
                by_short_side ? " or more on one side" : ""));
  }
}

/// A list of operators is the whole preprocessing: what it does not name is not done.
void ReadPreprocess(const YAML::Node& ops, PreprocessConfig& config) {
  static const std::map<std::string, Operator> kOperators = {
      {"DecodeImage", {ReadDecode, 0}},       {"ResizeImage", {ReadResize, 1}}, {"CropImage", {ReadCrop, 2}},
      {"NormalizeImage", {ReadNormalize, 3}}, {"ToCHWImage", {ReadToChw, 3}},
  };
  if (!ops.IsSequence()) Fail("PreProcess.transform_ops must be a list");
  config.resize_short = 0;
  config.scale = 1;
  config.mean = {0, 0, 0};
  config.std = {1, 1, 1};
  std::set<std::string> seen;
  int place = 0;
  for (const auto& op : ops) {
    if (!op.IsMap() || op.size() != 1)
      Fail(StrCat("a transform op must be one name and its options, not ", YAML::Dump(op)));
    const auto name = op.begin()->first.as<std::string>();
    const auto found = kOperators.find(name);
    if (found == kOperators.end()) Fail(StrCat("PreProcess.transform_ops has an unknown operator: ", name));
    if (!seen.insert(name).second) Fail(StrCat("PreProcess.transform_ops has ", name, " twice"));
    if (found->second.place < place) Fail(StrCat("PreProcess.transform_ops has ", name, " too late"));
    place = found->second.place;
    if (name == "NormalizeImage") CheckOrder(op.begin()->second, seen.count("ToCHWImage") != 0);
    found->second.read(op.begin()->second, config);
  }
  try {
    CheckPreprocessConfig(config);
  } catch (const Error& error) {
    Fail(StrCat("PreProcess.transform_ops: ", error.what()));
  }
  SettleInputSize(seen.count("CropImage") != 0, config);
}

std::vector<std::string> Labels(const YAML::Node& list) {
  if (!list.IsSequence()) Fail("PostProcess.Topk.label_list must be a list");
  std::vector<std::string> labels;
  for (const auto& label : list) labels.push_back(As<std::string>(label, "a label", "a word"));
  return labels;
}

OutputKind Output(const YAML::Node& node) {
  const auto word = As<std::string>(node, "hrnet_native.output", "probabilities or logits");
  if (word == "logits") return OutputKind::kLogits;
  if (word != "probabilities") Fail(StrCat("hrnet_native.output must be probabilities or logits, not ", word));
  return OutputKind::kProbabilities;
}

Probe ReadProbe(const YAML::Node& node) {
  const auto generator = As<std::string>(node["generator"], "hrnet_native.probe.generator", "a word");
  if (generator != "splitmix64") Fail(StrCat("hrnet_native.probe.generator must be splitmix64, not ", generator));
  Probe probe;
  probe.seed = As<std::uint64_t>(node["seed"], "hrnet_native.probe.seed", "a natural number");
  probe.tolerance = As<float>(node["tolerance"], "hrnet_native.probe.tolerance", "a number");
  const YAML::Node outputs = node["outputs"];
  if (!outputs.IsDefined() || !outputs.IsSequence()) Fail("hrnet_native.probe.outputs must be a list of numbers");
  for (const auto& output : outputs) probe.outputs.push_back(As<float>(output, "a probe output", "a number"));
  CheckProbe(probe);
  return probe;
}

/// Hashes are looked up by the names of the bundle's files; a name that leads out of the directory shows a forged file.
Hashes ReadHashes(const YAML::Node& node) {
  if (!node.IsMap()) Fail("hrnet_native.sha256 must be a mapping of file names to hashes");
  Hashes hashes;
  for (const auto& entry : node) {
    const auto name = As<std::string>(entry.first, "a key of hrnet_native.sha256", "a file name");
    if (name.empty() || name == "." || name == ".." || name.find_first_of("/\\:") != std::string::npos) {
      Fail(StrCat("hrnet_native.sha256 must name files in the model directory, not '", name, "'"));
    }
    const auto hash = As<std::string>(entry.second, StrCat("the hash of ", name), "64 hexadecimal digits");
    if (hash.size() != 64 || hash.find_first_not_of("0123456789abcdef") != std::string::npos) {
      Fail(StrCat("the hash of ", name, " must be 64 lower-case hexadecimal digits, not '", hash, "'"));
    }
    hashes[name] = hash;
  }
  return hashes;
}

YAML::Node Find(const YAML::Node& node) { return node; }

/// The value at a path of keys; undefined as soon as a key is missing.
template <typename... Keys>
YAML::Node Find(const YAML::Node& node, const char* key, Keys... keys) {
  if (!node.IsDefined() || !node.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
  return Find(node[key], keys...);
}

void Read(const YAML::Node& root, Bundle& bundle) {
  if (!root.IsMap()) Fail("it does not hold a mapping");
  if (const auto node = Find(root, "Global", "model_name"); node.IsDefined()) {
    bundle.name = As<std::string>(node, "Global.model_name", "a word");
  }
  if (const auto node = Find(root, "PreProcess", "transform_ops"); node.IsDefined()) {
    ReadPreprocess(node, bundle.preprocess);
  }
  if (const auto node = Find(root, "PostProcess", "Topk", "label_list"); node.IsDefined() && !node.IsNull()) {
    bundle.labels = Labels(node);
  }
  if (const auto node = Find(root, "hrnet_native", "output"); node.IsDefined()) bundle.output = Output(node);
  if (const auto node = Find(root, "hrnet_native", "probe"); node.IsDefined()) bundle.probe = ReadProbe(node);
  if (const auto node = Find(root, "hrnet_native", "sha256"); node.IsDefined()) bundle.hashes = ReadHashes(node);
}

}  // namespace

void ParseInferenceYml(const std::string& text, Bundle& bundle) {
  try {
    Read(YAML::Load(text), bundle);
  } catch (const YAML::Exception& error) {
    Fail(error.what());
  }
}

void ReadInferenceYml(const std::filesystem::path& path, bool verify, Bundle& bundle) {
  const std::vector<std::uint8_t> bytes = ReadFile(path);
  try {
    const std::string text(bytes.begin(), bytes.end());
    const bool is_sealed = verify && IsSealed(text);
    ParseInferenceYml(text, bundle);
    if (!verify) bundle.hashes.clear();
    if (!bundle.hashes.empty() && !is_sealed) {
      Fail(
          "it has hashes of the other files, but its own is missing; expected it in the first line as export writes "
          "it");
    }
  } catch (const Error& error) {
    throw Error(error.code(), StrCat(path, ": ", error.what()));
  }
}

}  // namespace hrnet_native
