// What may lie in a model directory in the place of a file. tests/python/predictor/test_model_files.py has the rest.
#include "model/bundle.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/expect_error.h"

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;

class BundleTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(directory_);
    std::ofstream(directory_ / "native.safetensors") << "a model";
  }
  void TearDown() override { fs::remove_all(directory_); }

  void ExpectRefused(const std::string& words) const {
    ExpectError(ErrorCode::kModelLoad, words, [this] { ReadBundle(directory_, {}, true); });
  }

  const fs::path directory_ = fs::path(testing::TempDir()) / (std::to_string(getpid()) + "_bundle");
};

TEST_F(BundleTest, WhatIsNoFileIsNotTakenForMissing) {
  for (const char* name :
       {"inference.yml", "inference.json", "inference.pdmodel", "inference.pdiparams", "native.safetensors"}) {
    SCOPED_TRACE(name);
    const fs::path path = directory_ / name;
    fs::remove(path);
    fs::create_directory(path);
    ExpectRefused(std::string(name) + "\" is not a regular file");
    fs::remove(path);
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    ExpectRefused(std::string(name) + "\" is not a regular file");
    fs::remove(path);
    fs::create_symlink("nowhere", path);
    ExpectRefused(std::string(name) + "\" is a link");
    fs::remove(path);
    if (path.filename() == "native.safetensors") std::ofstream(path) << "a model";
  }
}

TEST_F(BundleTest, NorIsASocket) {
  const fs::path before = fs::current_path();
  fs::current_path(directory_);  // a socket's path may have no more than 107 letters
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "inference.yml";
  std::copy(name.begin(), name.end(), address.sun_path);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  fs::current_path(before);
  ExpectRefused("inference.yml\" is not a regular file");
  close(listener);
}

TEST_F(BundleTest, WhatCannotBeLookedUpIsAnErrorThatSaysWhy) {
  ExpectError(ErrorCode::kNotFound, "no such model directory", [this] { ReadBundle(directory_ / "none", {}, true); });
  ExpectError(ErrorCode::kModelLoad, "File name too long",
              [this] { ReadBundle(directory_ / std::string(300, 'x'), {}, true); });
  ExpectError(ErrorCode::kNotFound, "no such native_file",
              [this] { ReadBundle(directory_, std::string(300, 'x'), true); });
}

TEST_F(BundleTest, AModelInMemoryNeedsNoDirectory) {
  setenv("TMPDIR", "/nowhere", 1);
  const std::string config = "Global: {model_name: mine}";
  const Bundle bundle = ReadBundle(ModelBytes{{}, {}, config, "a model"}, true);
  unsetenv("TMPDIR");
  EXPECT_EQ(bundle.name, "mine");
  EXPECT_EQ(bundle.native.path(), "native.safetensors");
  EXPECT_EQ(ReadAll(*Open(bundle.native)).size(), 7U);
}

}  // namespace
}  // namespace hrnet_native
