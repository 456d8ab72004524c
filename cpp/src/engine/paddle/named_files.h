#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/model_file.h"
#include "base/os/memory_file.h"
#include "base/os/temporary_directory.h"

namespace hrnet_native {

/// The directory for what is made for a while. Throws Error kUnsupported if the system tells none.
std::filesystem::path TemporaryPlace();

/// A program and its parameters as Paddle takes them: by paths, whose names tell the format. Files in memory get paths
/// as long as this lives; no byte of them reaches a disk.
class NamedFiles {
 public:
  /// Throws Error kUnsupported if files in memory cannot get paths here.
  NamedFiles(const ModelFile& program, const ModelFile& parameters);
  ~NamedFiles() = default;
  NamedFiles(const NamedFiles&) = delete;
  NamedFiles& operator=(const NamedFiles&) = delete;

  const std::filesystem::path& program() const { return program_; }
  const std::filesystem::path& parameters() const { return parameters_; }

 private:
  /// A path for a file.
  std::filesystem::path Name(const ModelFile& file);

  // Removing the directory takes a descriptor, so the files, which have some, are closed before.
  std::optional<os::TemporaryDirectory> links_;
  std::vector<std::unique_ptr<const os::MemoryFile>> files_;
  std::filesystem::path program_;
  std::filesystem::path parameters_;
};

}  // namespace hrnet_native
