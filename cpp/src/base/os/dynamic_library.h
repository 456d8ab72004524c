#pragma once

#include <filesystem>

namespace hrnet_native::os {

/// A library that the process loads while it runs. It is never unloaded: few survive that.
class DynamicLibrary {
 public:
  enum class Symbols {
    kOwn,     ///< Found only through this object.
    kShared,  ///< Serve the libraries that are loaded later too.
  };

  /// A path, or a name that the system looks for. Throws Error kUnsupported with the system's reason.
  explicit DynamicLibrary(const std::filesystem::path& path, Symbols symbols = Symbols::kOwn);

  /// Sets `function` to the one of that name. Throws Error kUnsupported, with the system's reason, if there is none.
  template <typename Function>
  void Find(const char* name, Function*& function) const {
    function = reinterpret_cast<Function*>(Address(name));
  }

 private:
  void* Address(const char* name) const;

  void* handle_;
};

/// Whether a symbol of that name is there for libraries that are loaded.
bool ProcessHasSymbol(const char* name) noexcept;

/// The library or program that holds this code or data, a whole path; empty if the system does not tell.
std::filesystem::path FileOf(const void* address);

}  // namespace hrnet_native::os
