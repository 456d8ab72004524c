#include "model/transform_ops.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "model/yaml_fields.h"

namespace hrnet_native {
namespace {

/// 4096x4096: a network that takes such pictures needs gigabytes for its maps.
constexpr int kMaxInputPixels = 1 << 24;

int PositiveInt(const YAML::Node& node, const std::string& what) {
  const int value = As<int>(node, what, "a positive integer");
  if (value <= 0 || value > 1 << 16) FailToRead(StrCat(what, " must be an integer from 1 to 65536, not ", value));
  return value;
}

/// PaddleClas writes a size as one number or as [width, height].
std::pair<int, int> HeightWidth(const YAML::Node& node, const std::string& what) {
  if (!node.IsDefined() || !node.IsSequence()) {
    const int side = PositiveInt(node, what);
    return {side, side};
  }
  if (node.size() != 2) FailToRead(StrCat(what, " must be a number or [width, height], not ", YAML::Dump(node)));
  return {PositiveInt(node[1], what), PositiveInt(node[0], what)};
}

/// A number, or a quotient such as "1.0/255.0", which PaddleClas evaluates.
float Scale(const YAML::Node& node) {
  const auto text = As<std::string>(node, "NormalizeImage.scale", "a number or a quotient of two");
  const std::size_t slash = text.find('/');
  const double numerator = As<double>(YAML::Node(text.substr(0, slash)), "NormalizeImage.scale", "a number");
  if (slash == std::string::npos) return static_cast<float>(numerator);
  const double denominator = As<double>(YAML::Node(text.substr(slash + 1)), "NormalizeImage.scale", "a number");
  if (denominator == 0) FailToRead(StrCat("NormalizeImage.scale divides by zero: ", text));
  return static_cast<float>(numerator / denominator);
}

std::array<float, 3> Channels(const YAML::Node& node, const std::string& what) {
  if (!node.IsSequence() || node.size() != 3)
    FailToRead(StrCat(what, " must be three numbers, not ", YAML::Dump(node)));
  std::array<float, 3> values{};
  for (std::size_t c = 0; c < 3; ++c) values[c] = As<float>(node[c], what, "three numbers");
  return values;
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
  RequireKnownKeys(options, "DecodeImage", "option", {"to_rgb", "to_np", "channel_first", "backend"});
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
  RequireKnownKeys(options, "ResizeImage", "option",
                   {"resize_short", "size", "interpolation", "backend", "return_numpy"});
  ReadName(options, "ResizeImage", "backend", {ResizeBackend::kCv2, ResizeBackend::kPil}, config.backend);
  ReadName(options, "ResizeImage", "interpolation",
           {Interpolation::kNearest, Interpolation::kBilinear, Interpolation::kArea, Interpolation::kBicubic,
            Interpolation::kLanczos, Interpolation::kBox, Interpolation::kHamming},
           config.interpolation);
  // PaddleClas looks at size only where there is no positive resize_short.
  const bool has_short = IsGiven(options, "resize_short");
  const bool has_size = IsGiven(options, "size");
  if (!has_short && !has_size) FailToRead("ResizeImage must have resize_short or size");
  const int resize_short = has_short ? As<int>(options["resize_short"], "ResizeImage.resize_short", "an integer") : 0;
  if (resize_short > 0 || !has_size) {
    config.resize_short = PositiveInt(options["resize_short"], "ResizeImage.resize_short");
  } else {
    std::tie(config.resize_height, config.resize_width) = HeightWidth(options["size"], "ResizeImage.size");
  }
}

void ReadCrop(const YAML::Node& options, PreprocessConfig& config) {
  RequireKnownKeys(options, "CropImage", "option", {"size"});
  std::tie(config.crop_height, config.crop_width) = HeightWidth(options["size"], "CropImage.size");
}

void ReadNormalize(const YAML::Node& options, PreprocessConfig& config) {
  RequireKnownKeys(options, "NormalizeImage", "option",
                   {"scale", "mean", "std", "order", "channel_num", "output_fp16"});
  CheckWord(options, "NormalizeImage", "channel_num", {"3", "4"});
  CheckWord(options, "NormalizeImage", "output_fp16", {"False", "false"});
  const PreprocessConfig defaults;  // they are NormalizeImage's own
  config.scale = IsGiven(options, "scale") ? Scale(options["scale"]) : defaults.scale;
  config.mean = IsGiven(options, "mean") ? Channels(options["mean"], "NormalizeImage.mean") : defaults.mean;
  config.std = IsGiven(options, "std") ? Channels(options["std"], "NormalizeImage.std") : defaults.std;
  if (IsGiven(options, "channel_num")) config.channel_num = options["channel_num"].as<int>();
}

void ReadToChw(const YAML::Node& options, PreprocessConfig&) { RequireKnownKeys(options, "ToCHWImage", "option", {}); }

/// NormalizeImage says in which layout it finds the picture: "chw" only if ToCHWImage came before.
void CheckOrder(const YAML::Node& options, bool is_chw) {
  CheckWord(options, "NormalizeImage", "order", {"", "chw", "hwc"});
  if (!IsGiven(options, "order")) return;
  const auto order = options["order"].as<std::string>();
  if ((order == "chw") != is_chw) {
    FailToRead(StrCat("NormalizeImage.order is '", order, "' where the picture is ", is_chw ? "chw" : "hwc"));
  }
}

struct Operator {
  void (*read)(const YAML::Node&, PreprocessConfig&);
  int place;  ///< Operators come in ascending order; those of equal place in any.
};

/// The network's input is what the last operator leaves, so its size must be the same for every picture.
void SettleInputSize(bool crops, PreprocessConfig& config) {
  if (!crops && config.resize_height == 0) {
    FailToRead(
        "PreProcess.transform_ops must have CropImage, or ResizeImage with size: the network's input has one size");
  }
  if (!crops) {
    config.crop_height = config.resize_height;
    config.crop_width = config.resize_width;
  }
  const bool by_short_side = config.resize_short != 0;
  const int height = by_short_side ? config.resize_short : config.resize_height;
  const int width = by_short_side ? config.resize_short : config.resize_width;
  if (height != 0 && (config.crop_height > height || config.crop_width > width)) {
    FailToRead(StrCat("CropImage.size ", config.crop_width, "x", config.crop_height,
                      " is larger than what ResizeImage gives, ", width, "x", height,
                      by_short_side ? " or more on one side" : ""));
  }
  if (config.crop_height > kMaxInputPixels / config.crop_width) {
    FailToRead(StrCat("PreProcess.transform_ops give an input of ", config.crop_width, "x", config.crop_height,
                      " pixels, expected at most ", kMaxInputPixels));
  }
}

}  // namespace

void ReadTransformOps(const YAML::Node& ops, PreprocessConfig& config) {
  static const std::map<std::string, Operator> kOperators = {
      {"DecodeImage", {ReadDecode, 0}},       {"ResizeImage", {ReadResize, 1}}, {"CropImage", {ReadCrop, 2}},
      {"NormalizeImage", {ReadNormalize, 3}}, {"ToCHWImage", {ReadToChw, 3}},
  };
  if (!ops.IsSequence()) FailToRead("PreProcess.transform_ops must be a list");
  config.resize_short = 0;
  config.scale = 1;
  config.mean = {0, 0, 0};
  config.std = {1, 1, 1};
  std::set<std::string> seen;
  int place = 0;
  for (const auto& op : ops) {
    if (!op.IsMap() || op.size() != 1)
      FailToRead(StrCat("a transform op must be one name and its options, not ", YAML::Dump(op)));
    const auto name = op.begin()->first.as<std::string>();
    const auto found = kOperators.find(name);
    if (found == kOperators.end()) FailToRead(StrCat("PreProcess.transform_ops has an unknown operator: ", name));
    if (!seen.insert(name).second) FailToRead(StrCat("PreProcess.transform_ops has ", name, " twice"));
    if (found->second.place < place) FailToRead(StrCat("PreProcess.transform_ops has ", name, " too late"));
    place = found->second.place;
    if (name == "NormalizeImage") CheckOrder(op.begin()->second, seen.count("ToCHWImage") != 0);
    found->second.read(op.begin()->second, config);
  }
  try {
    CheckPreprocessConfig(config);
  } catch (const Error& error) {
    FailToRead(StrCat("PreProcess.transform_ops: ", error.what()));
  }
  SettleInputSize(seen.count("CropImage") != 0, config);
}

}  // namespace hrnet_native
