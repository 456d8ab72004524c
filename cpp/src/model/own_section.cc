#include "model/own_section.h"

#include <cstdint>
#include <string>

#include "model/yaml_fields.h"

namespace hrnet_native {
namespace {

constexpr int kFormatVersion = 1;

OutputKind Output(const YAML::Node& node) {
  const auto word = As<std::string>(node, "hrnet_native.output", "probabilities or logits");
  if (word == "logits") return OutputKind::kLogits;
  if (word != "probabilities") FailToRead(StrCat("hrnet_native.output must be probabilities or logits, not ", word));
  return OutputKind::kProbabilities;
}

Probe ReadProbe(const YAML::Node& node) {
  const auto generator = As<std::string>(node["generator"], "hrnet_native.probe.generator", "a word");
  if (generator != "splitmix64") FailToRead(StrCat("hrnet_native.probe.generator must be splitmix64, not ", generator));
  RequireKnownKeys(node, "hrnet_native.probe", "key", {"generator", "seed", "outputs", "tolerance"});
  Probe probe;
  probe.seed = As<std::uint64_t>(node["seed"], "hrnet_native.probe.seed", "a natural number");
  probe.tolerance = As<float>(node["tolerance"], "hrnet_native.probe.tolerance", "a number");
  const YAML::Node outputs = node["outputs"];
  if (!outputs.IsDefined() || !outputs.IsSequence()) FailToRead("hrnet_native.probe.outputs must be a list of numbers");
  for (const auto& output : outputs) probe.outputs.push_back(As<float>(output, "a probe output", "a number"));
  CheckProbe(probe);
  return probe;
}

/// Hashes are looked up by the names of the bundle's files; a name that leads out of the directory shows a forged file.
Hashes ReadHashes(const YAML::Node& node) {
  if (!node.IsMap()) FailToRead("hrnet_native.sha256 must be a mapping of file names to hashes");
  Hashes hashes;
  for (const auto& entry : node) {
    const auto name = As<std::string>(entry.first, "a key of hrnet_native.sha256", "a file name");
    if (name.empty() || name == "." || name == ".." || name.find_first_of("/\\:") != std::string::npos) {
      FailToRead(StrCat("hrnet_native.sha256 must name files in the model directory, not '", name, "'"));
    }
    const auto hash = As<std::string>(entry.second, StrCat("the hash of ", name), "64 hexadecimal digits");
    if (hash.size() != 64 || hash.find_first_not_of("0123456789abcdef") != std::string::npos) {
      FailToRead(StrCat("the hash of ", name, " must be 64 lower-case hexadecimal digits, not '", hash, "'"));
    }
    hashes[name] = hash;
  }
  return hashes;
}

}  // namespace

void ReadOwnSection(const YAML::Node& section, Bundle& bundle) {
  // The version first: a later one may have other keys.
  const int version = section.IsMap() && section["format_version"].IsDefined()
                          ? As<int>(section["format_version"], "hrnet_native.format_version", "an integer")
                          : kFormatVersion;
  if (version != kFormatVersion) {
    FailToRead(StrCat("hrnet_native.format_version is ", version, ", and this library reads version ", kFormatVersion));
  }
  RequireKnownKeys(section, "hrnet_native", "key",
                   {"format_version", "output", "architecture", "weights", "paddle_version", "probe", "sha256"});
  if (const YAML::Node output = section["output"]; output.IsDefined()) bundle.output = Output(output);
  if (const YAML::Node probe = section["probe"]; probe.IsDefined()) bundle.probe = ReadProbe(probe);
  if (const YAML::Node hashes = section["sha256"]; hashes.IsDefined()) bundle.hashes = ReadHashes(hashes);
}

}  // namespace hrnet_native
