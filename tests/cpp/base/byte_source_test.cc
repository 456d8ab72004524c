#include "base/byte_source.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/sha256.h"
#include "support/expect_error.h"

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;

class FileBytesTest : public testing::Test {
 protected:
  void SetUp() override { Write("content"); }
  void TearDown() override { fs::remove(path_); }

  void Write(const std::string& text) const { std::ofstream(path_) << text; }

  const fs::path path_ = fs::path(testing::TempDir()) / (std::to_string(getpid()) + "_bytes");
};

std::string TextOf(const ByteSource& source) {
  const std::vector<std::uint8_t> bytes = ReadAll(source);
  return {bytes.begin(), bytes.end()};
}

TEST_F(FileBytesTest, PartsAreRead) {
  const FileBytes file(path_);
  EXPECT_EQ(TextOf(file), "content");
  std::string part(3, '\0');
  file.Read(2, part.data(), part.size());
  EXPECT_EQ(part, "nte");
  EXPECT_EQ(Sha256(file), Sha256("content"));
}

TEST_F(FileBytesTest, LargeFilesAreHashedInPieces) {
  const std::string large(1'000'000, 'x');
  Write(large);
  EXPECT_EQ(Sha256(FileBytes(path_)), Sha256(large));
}

TEST_F(FileBytesTest, AnErrorSaysWhyAFileCannotBeOpened) {
  const auto open = [](const fs::path& path) { const FileBytes file(path); };
  ExpectError(ErrorCode::kNotFound, "no such file", [&] { open(path_ / "below a file"); });
  ExpectError(ErrorCode::kNotFound, "no such file", [&] { open("/nowhere/at all"); });
  ExpectError(ErrorCode::kInvalidArgument, "not a regular file", [&] { open(testing::TempDir()); });
  ExpectError(ErrorCode::kInvalidArgument, "File name too long", [&] { open(std::string(300, 'x')); });
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  ExpectError(ErrorCode::kInvalidArgument, "Too many open files", [&] { open(path_); });
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST_F(FileBytesTest, APipeIsRefusedWithoutWaitingForAWriter) {
  fs::remove(path_);
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  ExpectError(ErrorCode::kInvalidArgument, "not a regular file", [&] { const FileBytes file(path_); });
}

TEST_F(FileBytesTest, WhatIsWrittenInPlaceIsFoundOut) {
  constexpr const char* kWords = "was written to while it was in use";
  for (const char* text : {"", "conten", "content and more"}) {
    Write("content");
    const FileBytes file(path_);
    Write(text);
    ExpectError(ErrorCode::kInvalidArgument, kWords, [&] { ReadAll(file); });
  }
  Write("content");
  const FileBytes file(path_);
  Write("another");  // of the same size, and a clock tick later
  fs::last_write_time(path_, fs::last_write_time(path_) + std::chrono::milliseconds(10));
  ExpectError(ErrorCode::kInvalidArgument, kWords, [&] { ReadAll(file); });
}

TEST_F(FileBytesTest, WhatIsReplacedByRenamingStaysWhole) {
  const FileBytes file(path_);
  const fs::path other = path_.string() + ".new";
  std::ofstream(other) << "another";
  fs::rename(other, path_);
  EXPECT_EQ(TextOf(file), "content");
}

TEST(MemoryBytes, PartsAreReadAndNoMore) {
  const MemoryBytes bytes("content");
  EXPECT_EQ(TextOf(bytes), "content");
  char byte = 0;
  bytes.Read(6, &byte, 1);
  EXPECT_EQ(byte, 't');
  ExpectError(ErrorCode::kInvalidArgument, "there are 7 bytes", [&] { bytes.Read(7, &byte, 1); });
  ExpectError(ErrorCode::kInvalidArgument, "there are 7 bytes", [&] { bytes.Read(std::uint64_t{1} << 63, &byte, 1); });
}

}  // namespace
}  // namespace hrnet_native
