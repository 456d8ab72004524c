#pragma once

#include <system_error>
#include <thread>
#include <utility>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {

/// A thread that calls `body`. Throws Error kResourceExhausted where the system gives no more of them.
template <typename Body>
std::thread StartThread(Body body) {
  try {
    return std::thread(std::move(body));
  } catch (const std::system_error& error) {
    throw Error(ErrorCode::kResourceExhausted, StrCat("no thread could be started: ", error.what()));
  }
}

}  // namespace hrnet_native
