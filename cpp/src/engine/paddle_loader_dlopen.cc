#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/home_process.h"
#include "base/isa.h"
#include "base/str_cat.h"
#include "engine/paddle_loader.h"
#include "engine/paddle_plugin.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;

/// The directory of the library that holds this code.
fs::path OwnDirectory() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&OwnDirectory), &info) == 0) return {};
  return fs::path(info.dli_fname).parent_path();
}

[[noreturn]] void FailUnsupported(const std::string& what) {
  const char* reason = dlerror();
  throw Error(ErrorCode::kUnsupported, StrCat(what, ": ", reason != nullptr ? reason : "unknown reason"));
}

/// The library of Paddle's package is built as a Python module: outside Python it needs the interpreter's library (not
/// a running interpreter) for its symbols. The official C++ library needs none.
void ProvidePythonSymbols() {
  if (*HRNET_NATIVE_LIBPYTHON == '\0') return;
  if (dlsym(RTLD_DEFAULT, "PyType_Ready") != nullptr) return;
  if (dlopen(HRNET_NATIVE_LIBPYTHON, RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    FailUnsupported(StrCat("Paddle needs ", HRNET_NATIVE_LIBPYTHON, " in a program other than Python"));
  }
}

/// The version that a `paddle` package says of itself; empty if it says none, or there is no such package.
std::string VersionOf(const fs::path& paddle) {
  std::ifstream stream(paddle / "version" / "__init__.py");
  for (std::string line; std::getline(stream, line);) {
    const std::size_t begin = line.find('\'');
    const std::size_t end = line.rfind('\'');
    if (line.rfind("full_version", 0) == 0 && begin < end) return line.substr(begin + 1, end - begin - 1);
  }
  return {};
}

/// After something did not load: if the reason is that Paddle is another version, that is what the error says.
void FailIfAnother(const fs::path& paddle) {
  const std::string found = VersionOf(paddle);
  if (found.empty() || found == HRNET_NATIVE_PADDLE_VERSION) return;
  throw Error(ErrorCode::kUnsupported, StrCat("the Paddle engine was built for Paddle ", HRNET_NATIVE_PADDLE_VERSION,
                                              " but found version: ", found, " in ", paddle));
}

void* Open(const fs::path& path) { return dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL); }

/// Paddle's code has AVX throughout, and looks at the CPU too late: the process would end in SIGILL.
void CheckCpu() {
#if defined(__x86_64__)
  if (!CpuHasAvx()) throw Error(ErrorCode::kUnsupported, "Paddle needs a CPU with AVX, and this one has none");
#endif
}

PaddlePluginFactory LoadFactory() {
  CheckCpu();
  ProvidePythonSymbols();
  fs::path package = OwnDirectory().parent_path() / "paddle";
  if (const char* paddle = std::getenv("HRNET_NATIVE_PADDLE_DIR"); paddle != nullptr && *paddle != '\0') {
    const fs::path library = fs::path(paddle) / "base" / "libpaddle.so";
    if (Open(library) == nullptr) {
      FailIfAnother(paddle);
      FailUnsupported(StrCat("HRNET_NATIVE_PADDLE_DIR=", paddle, " holds no usable Paddle"));
    }
    package = paddle;
  }
  const fs::path plugin = OwnDirectory() / HRNET_NATIVE_PADDLE_PLUGIN;
  void* library = Open(plugin);
  if (library == nullptr) {
    FailIfAnother(package);
    FailUnsupported(StrCat("the Paddle engine does not load; it needs paddlepaddle==", HRNET_NATIVE_PADDLE_VERSION,
                           " (pip install 'hrnet_native[paddle]')"));
  }
  void* factory = dlsym(library, kPaddlePluginFactory);
  if (factory == nullptr) FailUnsupported(StrCat(plugin, " is not a plugin of this version"));
  return reinterpret_cast<PaddlePluginFactory>(factory);
}

}  // namespace

std::shared_ptr<const LoadedModel> LoadPaddleModel(const EngineConfig& config) {
  // Never unloaded: Paddle does not survive that. If loading throws, the next call tries again.
  static const PaddlePluginFactory factory = LoadFactory();
  static const HomeProcess home;
  if (!home.IsHere()) {
    throw Error(ErrorCode::kForked,
                "Paddle was used before this process was forked and does not survive that; load the first Paddle model "
                "after the fork, or start processes by other means (in Python: multiprocessing's spawn)");
  }
  return std::shared_ptr<const LoadedModel>(factory(config));
}

}  // namespace hrnet_native
