#pragma once

#include <gtest/gtest.h>

#include <string>

#include "hrnet_native/error.h"

namespace hrnet_native {

/// Expects `action` to throw an Error with this code and these words in its message.
template <typename Action>
void ExpectError(ErrorCode code, const std::string& words, Action action) {
  try {
    action();
    FAIL() << "expected an error with: " << words;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
}

}  // namespace hrnet_native
