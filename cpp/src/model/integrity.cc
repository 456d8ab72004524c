#include "model/integrity.h"

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/sha256.h"
#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

/// Begins the first line of inference.yml; for YAML it is a comment.
constexpr std::string_view kSeal = "# sha256 of the lines below: ";

[[noreturn]] void Fail(const std::string& message) { throw DamageError(message); }

std::string HashOf(const ModelFile& file) {
  try {
    return Sha256(*Open(file));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound) Fail(error.what());
    throw Error(ErrorCode::kModelLoad, error.what());  // no damage: that it cannot be read may pass
  }
}

void VerifyFile(const Hashes& hashes, const ModelFile& file) {
  const std::filesystem::path& path = file.path();
  const auto expected = hashes.find(path.filename().string());
  if (expected == hashes.end()) {
    Fail(StrCat("inference.yml has hashes, but none of ", path.filename(), "; expected one of every file"));
  }
  const std::string found = HashOf(file);
  if (found == expected->second) return;
  Fail(
      StrCat(path, " is damaged or another: its SHA-256 is ", found, ", and inference.yml expects ", expected->second));
}

}  // namespace

bool IsSealed(const std::string& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string::npos || text.compare(0, kSeal.size(), kSeal) != 0) return false;
  const std::string expected = text.substr(kSeal.size(), end - kSeal.size());
  const std::string found = Sha256(std::string_view(text).substr(end + 1));
  if (found == expected) return true;
  Fail(StrCat("it is not what was exported: the SHA-256 of its lines is ", found, ", and the first line expects '",
              expected, "'; if it was changed on purpose, remove hrnet_native.sha256 and the first line"));
}

Verification::Verification(const Hashes& hashes, std::vector<ModelFile> files) {
  // Both: where no thread can be started, whoever waits for the result verifies.
  const auto policy = hashes.empty() ? std::launch::deferred : std::launch::async | std::launch::deferred;
  done_ = std::async(policy, [&hashes, files = std::move(files)] {
    if (hashes.empty()) return;
    for (const ModelFile& file : files) VerifyFile(hashes, file);
  });
}

}  // namespace hrnet_native
