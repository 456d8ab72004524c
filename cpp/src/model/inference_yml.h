#pragma once

#include <filesystem>

#include "model/bundle.h"

namespace hrnet_native {

/// Reads an inference.yml of this project, PaddleClas or PaddleX into the bundle's name, preprocessing, labels,
/// output kind and probe; what the file does not say keeps its value. Throws Error: kModelLoad where the file is
/// malformed or names an operator that is not known, kUnsupported where it asks for a known one in a form that is not
/// implemented.
void ReadInferenceYml(const std::filesystem::path& path, Bundle& bundle);

}  // namespace hrnet_native
