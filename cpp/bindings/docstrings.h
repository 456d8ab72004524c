#pragma once

#include <string>

namespace hrnet_native::bindings {

/// The docstring that the stub _core.pyi has for a name, such as "decode" or "Predictor.predict". Where the name can be
/// called its signature leads, in the form that inspect.signature and help read. Throws std::out_of_range for a name
/// without one, which ends the import.
const char* Doc(const std::string& name);

}  // namespace hrnet_native::bindings
