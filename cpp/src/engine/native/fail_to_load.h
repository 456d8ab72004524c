#pragma once

#include <string>

#include "hrnet_native/error.h"

namespace hrnet_native::native {

/// Throws Error kModelLoad: what is wrong with the file.
[[noreturn]] inline void FailToLoad(const std::string& what) { throw Error(ErrorCode::kModelLoad, what); }

}  // namespace hrnet_native::native
