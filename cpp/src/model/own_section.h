#pragma once

#include <yaml-cpp/yaml.h>

#include "model/bundle.h"

namespace hrnet_native {

/// Reads this project's section of an inference.yml into the bundle's output kind, probe and hashes. Throws Error
/// kModelLoad where it is malformed, has a key that is not known, or is of another version.
void ReadOwnSection(const YAML::Node& section, Bundle& bundle);

}  // namespace hrnet_native
