#pragma once

#include <functional>
#include <string>

namespace hrnet_native {

enum class LogLevel { kDebug, kWarning };

/// Gets what a predictor has to say while it loads: one sentence a call, on the thread that constructs it. Must not
/// throw. Without one the library is silent.
using LogSink = std::function<void(LogLevel level, const std::string& message)>;

}  // namespace hrnet_native
