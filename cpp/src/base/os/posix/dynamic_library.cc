#include "base/os/dynamic_library.h"

#include <dlfcn.h>
#include <link.h>

#include <system_error>

#include "hrnet_native/error.h"

namespace hrnet_native::os {
namespace {

[[noreturn]] void Fail() {
  const char* reason = dlerror();
  throw Error(ErrorCode::kUnsupported, reason != nullptr ? reason : "unknown reason");
}

}  // namespace

DynamicLibrary::DynamicLibrary(const std::filesystem::path& path, Symbols symbols)
    : handle_(dlopen(path.c_str(), symbols == Symbols::kShared ? RTLD_NOW | RTLD_GLOBAL : RTLD_LAZY | RTLD_LOCAL)) {
  if (handle_ == nullptr) Fail();
}

void* DynamicLibrary::Address(const char* name) const {
  void* address = dlsym(handle_, name);
  if (address == nullptr) Fail();
  return address;
}

bool ProcessHasSymbol(const char* name) noexcept { return dlsym(RTLD_DEFAULT, name) != nullptr; }

std::filesystem::path FileOf(const void* address) {
  Dl_info info{};
  void* found = nullptr;
  if (dladdr1(address, &info, &found, RTLD_DL_LINKMAP) == 0) return {};
  const char* name = static_cast<const link_map*>(found)->l_name;
  // The program has no name there, and in dladdr's other answer the one that it was called by, a path or not.
  std::error_code unknown;
  return *name != '\0' ? std::filesystem::absolute(name, unknown)
                       : std::filesystem::read_symlink("/proc/self/exe", unknown);
}

}  // namespace hrnet_native::os
