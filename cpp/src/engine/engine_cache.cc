#include "engine/engine_cache.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/sha256.h"
#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kManifest = "engine.json";

/// The directory's name. In JSON no value can pass for the end of another.
std::string NameOf(const EngineKey& key) {
  const std::string text = json(key).dump();
  return Sha256(text.data(), text.size());
}

std::string HashOf(const fs::path& file) {
  const std::vector<std::uint8_t> bytes = ReadFile(file);
  return Sha256(bytes.data(), bytes.size());
}

std::optional<json> ReadManifest(const fs::path& directory) {
  std::ifstream stream(directory / kManifest);
  json manifest = json::parse(stream, nullptr, /*allow_exceptions=*/false);
  const auto is_object = [&](const char* field) { return manifest.contains(field) && manifest[field].is_object(); };
  if (!manifest.is_object() || !manifest.contains("key") || !is_object("files")) return std::nullopt;
  return manifest;
}

/// The key of an engine.json, or nothing if it is not of that form.
std::optional<EngineKey> KeyOf(const json& manifest) {
  try {
    return manifest.at("key").get<EngineKey>();
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

/// What is wrong with an engine's files; empty if nothing is.
std::string Damage(const fs::path& directory) {
  const std::optional<json> manifest = ReadManifest(directory);
  if (!manifest) return StrCat("its ", kManifest, " is missing or damaged");
  for (const auto& [name, expected] : (*manifest)["files"].items()) {
    std::error_code error;
    const fs::path file = directory / fs::u8path(name);
    if (!fs::is_regular_file(file, error)) return StrCat("its file ", name, " is missing");
    if (HashOf(file) != expected) return StrCat("its file ", name, " is not the one that was stored");
  }
  return {};
}

/// Words whose values differ, as "driver 550.2, not 535.1".
std::vector<std::string> Differences(const EngineKey& wanted, const EngineKey& found) {
  std::vector<std::string> differences;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& [word, value] = wanted[i];
    if (i < found.size() && found[i] == wanted[i]) continue;
    const std::string other = i < found.size() ? found[i].second : "none";
    differences.push_back(StrCat(word, " ", other, ", not ", value));
  }
  return differences;
}

/// Why no engine of the cache fits: what the nearest one for the same model was built for.
std::string WhyNone(const fs::path& root, const EngineKey& key) {
  std::vector<std::string> nearest;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root, error)) {
    const std::optional<json> manifest = ReadManifest(entry.path());
    const std::optional<EngineKey> found = manifest ? KeyOf(*manifest) : std::nullopt;
    if (!found || found->empty() || found->front() != key.front()) continue;  // of another model
    std::vector<std::string> differences = Differences(key, *found);
    if (nearest.empty() || differences.size() < nearest.size()) nearest = std::move(differences);
  }
  if (nearest.empty()) return StrCat("there is none for this model in ", root);
  std::string text;
  for (const std::string& difference : nearest) text += (text.empty() ? "" : "; ") + difference;
  return StrCat("the nearest in ", root, " is for ", text);
}

void WriteManifest(const fs::path& directory, const EngineKey& key) {
  json files = json::object();
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.is_regular_file()) files[entry.path().filename().u8string()] = HashOf(entry.path());
  }
  std::ofstream stream(directory / kManifest);
  stream << json{{"key", key}, {"files", files}}.dump(2) << '\n';
  stream.close();
  if (!stream)
    throw fs::filesystem_error("cannot write", directory / kManifest, std::make_error_code(std::errc::io_error));
}

/// A new directory beside the final one, so that a rename moves it; removed with what is in it.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const fs::path& root) {
    std::random_device random;
    do {
      path_ = root / StrCat(".partial-", random());
    } while (!fs::create_directory(path_));
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

class DirectoryCache final : public EngineCache {
 public:
  explicit DirectoryCache(fs::path root) : root_(std::move(root)) {}

  Found Find(const EngineKey& key) const override;
  fs::path Store(const EngineKey& key, const std::function<void(const fs::path&)>& build) const override;

 private:
  fs::path root_;
};

EngineCache::Found DirectoryCache::Find(const EngineKey& key) const {
  const fs::path directory = root_ / NameOf(key);
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored)) return {{}, WhyNone(root_, key)};
  if (const std::string damage = Damage(directory); !damage.empty()) {
    return {{}, StrCat("the one in ", directory, " is damaged: ", damage)};
  }
  return {directory, {}};
}

fs::path DirectoryCache::Store(const EngineKey& key, const std::function<void(const fs::path&)>& build) const {
  const fs::path directory = root_ / NameOf(key);
  try {
    fs::create_directories(root_);
    const TemporaryDirectory built(root_);
    build(built.path());
    WriteManifest(built.path(), key);
    const TemporaryDirectory replaced(root_);  // takes the old engine, if there is one
    std::error_code none;
    fs::rename(directory, replaced.path() / "engine", none);
    std::error_code error;
    fs::rename(built.path(), directory, error);
    // Another process may have been faster; its engine is as good if it is whole.
    if (error && Find(key).directory.empty()) throw fs::filesystem_error("cannot rename", directory, error);
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorCode::kInvalidArgument, StrCat("the cache of engines cannot be written: ", error.what()));
  }
  return directory;
}

}  // namespace

std::shared_ptr<const EngineCache> OpenEngineCache(fs::path root) {
  return std::make_shared<const DirectoryCache>(std::move(root));
}

}  // namespace hrnet_native
