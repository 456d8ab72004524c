#pragma once

#include <yaml-cpp/yaml.h>

#include "hrnet_native/imaging.h"

namespace hrnet_native {

/// Reads PaddleClas's list of operators. It is the whole preprocessing: what it does not name is not done. Throws
/// Error: kModelLoad where it is malformed or names an operator that is not known, kUnsupported where it asks for a
/// known one in a form that is not implemented.
void ReadTransformOps(const YAML::Node& ops, PreprocessConfig& config);

}  // namespace hrnet_native
