#pragma once

#include <string>

namespace hrnet_native {

/// Requires that no mapping of a YAML document has a key twice: YAML forbids it, and readers differ in which they take.
/// Throws Error kModelLoad, or what yaml-cpp throws for a document that is no YAML.
void RequireUniqueKeys(const std::string& text);

}  // namespace hrnet_native
