#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/byte_source.h"

namespace hrnet_native {

/// A file of a model, on a disk or in memory; or none.
class ModelFile {
 public:
  ModelFile() = default;
  ModelFile(std::filesystem::path path) : path_(std::move(path)) {}
  ModelFile(std::string name, std::shared_ptr<const std::string> bytes)
      : path_(std::move(name)), bytes_(std::move(bytes)) {}

  bool empty() const { return path_.empty(); }

  /// Where it is; of one in memory the name that it would have in a directory.
  const std::filesystem::path& path() const { return path_; }

  /// What one in memory holds; else null.
  const std::shared_ptr<const std::string>& bytes() const { return bytes_; }

 private:
  std::filesystem::path path_;
  std::shared_ptr<const std::string> bytes_;
};

/// Throws as FileBytes.
std::shared_ptr<const ByteSource> Open(const ModelFile& file);

}  // namespace hrnet_native
