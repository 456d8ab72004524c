#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace hrnet_native {

/// What an engine was built for and on: words and their values, the model's hash under "model".
using EngineKey = std::vector<std::pair<std::string, std::string>>;

/// Engines that took minutes to build, each a directory of files, named after a hash of its key. A file engine.json in
/// it holds the key in clear and a hash of every other file.
class EngineCache {
 public:
  struct Found {
    std::filesystem::path directory;  ///< Of a whole engine for the key; empty if there is none.
    std::string reason;               ///< Why there is none, in half a sentence.
  };

  explicit EngineCache(std::filesystem::path root) : root_(std::move(root)) {}

  /// Looks for an engine that has this very key and whose files are those that were stored.
  Found Find(const EngineKey& key) const;

  /// Lets `build` fill an empty directory and makes that the engine for the key, by one rename: no reader, in this
  /// process or another, ever sees a part. A whole engine that another process has stored meanwhile stays; a damaged
  /// one is replaced, in the same step where the file system can exchange directories. Returns the directory. What
  /// `build` throws leaves the cache as it was; throws Error kInvalidArgument if the root cannot be written. Removes
  /// what builders that were killed left behind, once it is a day old.
  std::filesystem::path Store(const EngineKey& key,
                              const std::function<void(const std::filesystem::path&)>& build) const;

 private:
  /// Moves what was built to its place, unless a whole engine is there.
  void Publish(const EngineKey& key, const std::filesystem::path& built, const std::filesystem::path& directory) const;

  std::filesystem::path root_;
};

}  // namespace hrnet_native
