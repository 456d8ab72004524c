#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace hrnet_native::os {

/// What shows that a file was written to.
struct FileState {
  std::uint64_t size;  ///< Bytes.
  std::int64_t written_seconds;
  std::int64_t written_nanoseconds;

  bool operator==(const FileState& other) const {
    return size == other.size && written_seconds == other.written_seconds &&
           written_nanoseconds == other.written_nanoseconds;
  }
};

/// A regular file, open for reading. One that another was renamed over is still read.
class InputFile {
 public:
  /// Throws Error: kNotFound if there is no such file, kInvalidArgument if it is no regular file or cannot be opened.
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// Throws Error kInvalidArgument if the system does not tell.
  FileState state() const;

  /// Copies up to `size` bytes from `offset` on and returns how many: fewer only where the file ends. Any thread.
  /// Throws Error kInvalidArgument if they cannot be read.
  std::size_t Read(std::uint64_t offset, void* to, std::size_t size) const;

 private:
  std::filesystem::path path_;
  int descriptor_;
};

/// Lets two directories take each other's places, in one step; false where the file system cannot.
bool Exchange(const std::filesystem::path& one, const std::filesystem::path& other) noexcept;

}  // namespace hrnet_native::os
