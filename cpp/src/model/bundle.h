#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/model_file.h"
#include "hrnet_native/imaging.h"
#include "hrnet_native/model_bytes.h"
#include "model/integrity.h"
#include "model/probe.h"

namespace hrnet_native {

/// What the network's outputs are.
enum class OutputKind { kProbabilities, kLogits };

/// A model directory, read but not yet loaded by an engine.
struct Bundle {
  ModelFile program;          ///< inference.json or inference.pdmodel; empty if there is none.
  ModelFile parameters;       ///< inference.pdiparams, of the program.
  ModelFile native;           ///< native.safetensors; empty if there is none.
  bool native_is_own = true;  ///< It lies in the directory, and the hashes cover it.
  std::string name;           ///< Empty if inference.yml says none.
  PreprocessConfig preprocess;
  std::vector<std::string> labels;  ///< Empty if inference.yml has none.
  OutputKind output = OutputKind::kProbabilities;
  Probe probe;
  Hashes hashes;  ///< Of the files, to be verified before an answer is given; empty if nothing shall be.
};

/// Reads a model directory as this project, PaddleClas or PaddleX export it. Without inference.yml the defaults hold.
/// `native_file`: taken in place of the directory's native.safetensors, unless empty; the model's hashes do not cover
/// it. `verify`: whether damage to inference.yml is looked for, and the hashes of the other files are kept. Files are
/// taken from the directory alone: links are refused, and whatever else is no regular file. Throws Error: kNotFound if
/// there is no such directory or file, kModelLoad if it is none or what it holds is no model.
Bundle ReadBundle(const std::filesystem::path& directory, const std::filesystem::path& native_file, bool verify);

/// The same of files in memory, which are copied.
Bundle ReadBundle(const ModelBytes& bytes, bool verify);

}  // namespace hrnet_native
