#include "model/inference_yml.h"

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <string>
#include <vector>

#include "model/own_section.h"
#include "model/transform_ops.h"
#include "model/unique_keys.h"
#include "model/yaml_fields.h"

namespace hrnet_native {
namespace {

std::vector<std::string> Labels(const YAML::Node& list) {
  if (!list.IsSequence()) FailToRead("PostProcess.Topk.label_list must be a list");
  std::vector<std::string> labels;
  for (const auto& label : list) labels.push_back(As<std::string>(label, "a label", "a word"));
  return labels;
}

/// How many classes an answer has is PredictorOptions::top_k's choice; what the file says must make sense all the same.
void CheckTopK(const YAML::Node& node) {
  if (!node.IsDefined() || node.IsNull()) return;
  const int top_k = As<int>(node, "PostProcess.Topk.topk", "a positive integer");
  if (top_k < 1) FailToRead(StrCat("PostProcess.Topk.topk must be a positive integer, not ", top_k));
}

YAML::Node Find(const YAML::Node& node) { return node; }

/// The value at a path of keys; undefined as soon as a key is missing.
template <typename... Keys>
YAML::Node Find(const YAML::Node& node, const char* key, Keys... keys) {
  if (!node.IsDefined() || !node.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
  return Find(node[key], keys...);
}

void Read(const YAML::Node& root, Bundle& bundle) {
  if (!root.IsMap()) FailToRead("it does not hold a mapping");
  if (const auto node = Find(root, "Global", "model_name"); node.IsDefined()) {
    bundle.name = As<std::string>(node, "Global.model_name", "a word");
  }
  if (const auto node = Find(root, "PreProcess", "transform_ops"); node.IsDefined()) {
    ReadTransformOps(node, bundle.preprocess);
  }
  if (const auto node = Find(root, "PostProcess", "Topk", "label_list"); node.IsDefined() && !node.IsNull()) {
    bundle.labels = Labels(node);
  }
  CheckTopK(Find(root, "PostProcess", "Topk", "topk"));
  if (const auto node = Find(root, "hrnet_native"); node.IsDefined()) ReadOwnSection(node, bundle);
}

}  // namespace

void ParseInferenceYml(const std::string& text, Bundle& bundle) {
  try {
    RequireUniqueKeys(text);
    Read(YAML::Load(text), bundle);
  } catch (const YAML::Exception& error) {
    FailToRead(error.what());
  }
}

void ReadInferenceYml(const ModelFile& file, bool verify, Bundle& bundle) {
  try {
    const std::vector<std::uint8_t> bytes = ReadAll(*Open(file));
    const std::string text(bytes.begin(), bytes.end());
    const bool is_sealed = verify && IsSealed(text);
    ParseInferenceYml(text, bundle);
    if (!verify) bundle.hashes.clear();
    if (!bundle.hashes.empty() && !is_sealed) {
      FailToRead(
          "it has hashes of the other files, but its own is missing; expected it in the first line as export writes "
          "it");
    }
  } catch (const Error& error) {
    const ErrorCode code = error.code() == ErrorCode::kUnsupported ? error.code() : ErrorCode::kModelLoad;
    throw Error(code, StrCat(file.path(), ": ", error.what()));
  }
}

}  // namespace hrnet_native
