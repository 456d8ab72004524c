#include "base/cache_directory.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;

/// Sets the variables that the directory depends on, and sets them back at the end.
class CacheDirectory : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"HRNET_NATIVE_CACHE_DIR", "XDG_CACHE_HOME", "HOME"}) {
      const char* value = std::getenv(name);
      before_[name] = value != nullptr ? std::optional<std::string>(value) : std::nullopt;
      unsetenv(name);
    }
  }
  void TearDown() override {
    for (const auto& [name, value] : before_) {
      value ? setenv(name.c_str(), value->c_str(), 1) : unsetenv(name.c_str());
    }
  }

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

TEST_F(CacheDirectory, VariablesCountInTheirOrder) {
  setenv("HOME", "/home/somebody", 1);
  EXPECT_EQ(DefaultCacheDirectory(), "/home/somebody/.cache/hrnet_native");
  setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(DefaultCacheDirectory(), "/home/somebody/.cache/hrnet_native");
  setenv("XDG_CACHE_HOME", "/caches", 1);
  EXPECT_EQ(DefaultCacheDirectory(), "/caches/hrnet_native");
  setenv("HRNET_NATIVE_CACHE_DIR", "here", 1);
  EXPECT_EQ(DefaultCacheDirectory(), "here");
}

TEST_F(CacheDirectory, WithoutAHomeItIsThatOfTheListOfUsers) {
  const passwd* user = getpwuid(getuid());
  const fs::path expected = user != nullptr ? fs::path(user->pw_dir) / ".cache" / "hrnet_native" : fs::path();
  EXPECT_EQ(DefaultCacheDirectory(), expected);
  for (const char* useless : {"", "relative"}) {
    setenv("HOME", useless, 1);
    EXPECT_EQ(DefaultCacheDirectory(), expected);
  }
}

}  // namespace
}  // namespace hrnet_native
