#include "base/os/dynamic_library.h"

#include <dlfcn.h>

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
  if (dladdr(address, &info) == 0) return {};
  return info.dli_fname;
}

}  // namespace hrnet_native::os
