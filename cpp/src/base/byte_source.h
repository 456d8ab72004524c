#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "base/os/file.h"

namespace hrnet_native {

/// Bytes that any thread may copy a part of.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  virtual std::size_t size() const = 0;

  /// Copies `size` bytes from `offset` on. Throws Error kInvalidArgument if they cannot be had.
  virtual void Read(std::uint64_t offset, void* to, std::size_t size) const = 0;
};

/// A regular file. It is not mapped: the pages of a map go away where somebody shortens the file, and who touches them
/// then dies.
class FileBytes final : public ByteSource {
 public:
  /// Throws as os::InputFile.
  explicit FileBytes(const std::filesystem::path& path) : file_(path), opened_(file_.state()) {}

  std::size_t size() const override { return opened_.size; }

  /// Throws also if the file has been written to since it was opened. One that another was renamed over is still whole.
  void Read(std::uint64_t offset, void* to, std::size_t size) const override;

 private:
  os::InputFile file_;
  os::FileState opened_;
};

/// Bytes in memory.
class MemoryBytes final : public ByteSource {
 public:
  /// `owner` keeps them alive; without one they must outlive this.
  explicit MemoryBytes(std::string_view bytes, std::shared_ptr<const void> owner = nullptr)
      : bytes_(bytes), owner_(std::move(owner)) {}

  std::size_t size() const override { return bytes_.size(); }
  void Read(std::uint64_t offset, void* to, std::size_t size) const override;

 private:
  std::string_view bytes_;
  std::shared_ptr<const void> owner_;
};

/// A copy of all bytes. Throws as Read.
std::vector<std::uint8_t> ReadAll(const ByteSource& source);

}  // namespace hrnet_native
