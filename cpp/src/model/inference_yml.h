#pragma once

#include <string>

#include "model/bundle.h"

namespace hrnet_native {

/// Reads the text of an inference.yml of this project, PaddleClas or PaddleX into the bundle's name, preprocessing,
/// labels, output kind, probe and hashes; what the file does not say keeps its value. Throws Error: kModelLoad where
/// the file is malformed or names an operator that is not known, kUnsupported where it asks for a known one in a form
/// that is not implemented.
void ParseInferenceYml(const std::string& text, Bundle& bundle);

/// The same of a file, whose errors name it. `verify`: a file that has hashes of others must begin with its own;
/// without it none of them counts. Throws kModelLoad also if the file cannot be read.
void ReadInferenceYml(const ModelFile& file, bool verify, Bundle& bundle);

}  // namespace hrnet_native
