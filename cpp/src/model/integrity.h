#pragma once

#include <future>
#include <map>
#include <string>
#include <vector>

#include "base/model_file.h"
#include "hrnet_native/error.h"

namespace hrnet_native {

/// Names of a model's files and the SHA-256 of each, as inference.yml holds them.
using Hashes = std::map<std::string, std::string>;

/// Whether a text of inference.yml begins with the hash of its other lines, as export writes it. Throws Error
/// kModelLoad if the hash is wrong.
bool IsSealed(const std::string& text);

/// kModelLoad: a file is not what its hash says. Unlike other errors of loading, no other backend makes that good.
class DamageError : public Error {
 public:
  explicit DamageError(const std::string& message) : Error(ErrorCode::kModelLoad, message) {}
};

/// Hashes files in a thread of its own.
class Verification {
 public:
  /// `hashes`: where there are none, nothing is verified; they must outlive this.
  Verification(const Hashes& hashes, std::vector<ModelFile> files);

  /// Waits for the end. Throws DamageError, naming the file and both hashes, or that a file is missing or has none;
  /// kModelLoad if a file cannot be read. May be called again.
  void Wait() const { done_.get(); }

 private:
  std::shared_future<void> done_;
};

}  // namespace hrnet_native
