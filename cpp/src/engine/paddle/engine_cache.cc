#include "engine/paddle/engine_cache.h"

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "base/byte_source.h"
#include "base/os/file.h"
#include "base/os/temporary_directory.h"
#include "base/sha256.h"
#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kManifest = "engine.json";

/// The directory's name. In JSON no value can pass for the end of another.
std::string NameOf(const EngineKey& key) { return Sha256(json(key).dump()); }

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
    try {
      if (Sha256(FileBytes(file)) != expected) return StrCat("its file ", name, " is not the one that was stored");
    } catch (const Error& unreadable) {
      return StrCat("its file ", name, " cannot be read: ", unreadable.what());
    }
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

/// What is in a directory; where that cannot be read, what could be.
std::vector<fs::path> EntriesOf(const fs::path& directory) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    entries.push_back(entry->path());
  }
  return entries;
}

/// Why no engine of the cache fits: what the nearest one for the same model was built for.
std::string WhyNone(const fs::path& root, const EngineKey& key) {
  std::vector<std::string> nearest;
  for (const fs::path& engine : EntriesOf(root)) {
    const std::optional<json> manifest = ReadManifest(engine);
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
    if (entry.is_regular_file()) files[entry.path().filename().u8string()] = Sha256(FileBytes(entry.path()));
  }
  std::ofstream stream(directory / kManifest);
  stream << json{{"key", key}, {"files", files}}.dump(2) << '\n';
  stream.close();
  if (!stream)
    throw fs::filesystem_error("cannot write", directory / kManifest, std::make_error_code(std::errc::io_error));
}

constexpr const char* kPartial = ".partial-";

/// What builders that were killed left behind. No build takes a day.
void RemoveAbandoned(const fs::path& root) {
  const auto abandoned = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (const fs::path& entry : EntriesOf(root)) {
    std::error_code error;
    if (entry.filename().string().rfind(kPartial, 0) != 0) continue;
    if (const auto written = fs::last_write_time(entry, error); !error && written < abandoned) {
      fs::remove_all(entry, error);
    }
  }
}

}  // namespace

EngineCache::Found EngineCache::Find(const EngineKey& key) const {
  const fs::path directory = root_ / NameOf(key);
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored)) return {{}, WhyNone(root_, key)};
  if (const std::string damage = Damage(directory); !damage.empty()) {
    return {{}, StrCat("the one in ", directory, " is damaged: ", damage)};
  }
  return {directory, {}};
}

fs::path EngineCache::Store(const EngineKey& key, const std::function<void(const fs::path&)>& build) const {
  const fs::path directory = root_ / NameOf(key);
  try {
    fs::create_directories(root_);
    RemoveAbandoned(root_);
    const os::TemporaryDirectory built(root_, kPartial);  // beside the final one, so that a rename moves it
    build(built.path());
    WriteManifest(built.path(), key);
    fs::permissions(built.path(), fs::status(root_).permissions());  // as open as the cache
    Publish(key, built.path(), directory);
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorCode::kInvalidArgument, StrCat("the cache of engines cannot be written: ", error.what()));
  }
  return directory;
}

void EngineCache::Publish(const EngineKey& key, const fs::path& built, const fs::path& directory) const {
  std::error_code taken;
  fs::rename(built, directory, taken);
  // Another process may have been faster: its engine is as good if it is whole, and may be in use.
  if (!taken || !Find(key).directory.empty() || os::Exchange(built, directory)) return;
  fs::remove_all(directory);  // damaged, so nobody uses it
  fs::rename(built, directory);
}

}  // namespace hrnet_native
