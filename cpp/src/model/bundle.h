#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "hrnet_native/imaging.h"
#include "model/probe.h"

namespace hrnet_native {

/// What the network's outputs are.
enum class OutputKind { kProbabilities, kLogits };

/// A model directory, read but not yet loaded by an engine.
struct Bundle {
  std::filesystem::path program;     ///< inference.json or inference.pdmodel; empty if there is none.
  std::filesystem::path parameters;  ///< inference.pdiparams, of the program.
  std::filesystem::path native;      ///< native.safetensors; empty if there is none.
  std::string name;                  ///< Empty if inference.yml says none.
  PreprocessConfig preprocess;
  std::vector<std::string> labels;  ///< Empty if inference.yml has none.
  OutputKind output = OutputKind::kProbabilities;
  Probe probe;
};

/// Reads a model directory as this project, PaddleClas or PaddleX export it. Without inference.yml the defaults hold.
/// `native_file`: taken in place of the directory's native.safetensors, unless empty. Throws Error: kNotFound if there
/// is no such directory or file, kModelLoad if it is none or what it holds is no model.
Bundle ReadBundle(const std::filesystem::path& directory, const std::filesystem::path& native_file);

}  // namespace hrnet_native
