#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "base/home_process.h"
#include "base/isa.h"
#include "base/os/dynamic_library.h"
#include "base/str_cat.h"
#include "engine/paddle_loader.h"
#include "engine/paddle_plugin.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;

/// `reason`: the system's.
[[noreturn]] void FailUnsupported(const std::string& what, const Error& reason) {
  throw Error(ErrorCode::kUnsupported, StrCat(what, ": ", reason.what()));
}

/// The library of Paddle's package is built as a Python module: outside Python it needs the interpreter's library (not
/// a running interpreter) for its symbols. The official C++ library needs none.
void ProvidePythonSymbols() {
  if (*HRNET_NATIVE_LIBPYTHON == '\0') return;
  if (os::ProcessHasSymbol("PyType_Ready")) return;
  try {
    const os::DynamicLibrary python(HRNET_NATIVE_LIBPYTHON, os::DynamicLibrary::Symbols::kShared);
  } catch (const Error& error) {
    FailUnsupported(StrCat("Paddle needs ", HRNET_NATIVE_LIBPYTHON, " in a program other than Python"), error);
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

/// Paddle's code has AVX throughout, and looks at the CPU too late: the process would end in SIGILL.
void CheckCpu() {
#if defined(__x86_64__)
  if (!CpuHasAvx()) throw Error(ErrorCode::kUnsupported, "Paddle needs a CPU with AVX, and this one has none");
#endif
}

bool IsFile(const fs::path& file) {
  std::error_code unreadable;
  return fs::is_regular_file(file, unreadable);
}

/// The plugin's file. It lies beside this library, or the program that this library is part of; such a program may also
/// be installed as programs are, with libraries in their own folder.
fs::path FindPlugin() {
  if (const char* named = std::getenv("HRNET_NATIVE_PADDLE_PLUGIN"); named != nullptr && *named != '\0') {
    if (IsFile(named)) return fs::absolute(named);
    throw Error(ErrorCode::kUnsupported, StrCat("HRNET_NATIVE_PADDLE_PLUGIN=", named, " is no file"));
  }
  const fs::path own = os::FileOf(reinterpret_cast<const void*>(&FindPlugin)).parent_path();
  const fs::path beside = own / HRNET_NATIVE_PLUGIN_NAME;
  const fs::path installed = (own / HRNET_NATIVE_LIBRARIES_FOLDER / HRNET_NATIVE_PLUGIN_NAME).lexically_normal();
  for (const fs::path& place : {beside, installed}) {
    if (!own.empty() && IsFile(place)) return place;
  }
  throw Error(ErrorCode::kUnsupported, StrCat("the Paddle engine is neither ", beside, " nor ", installed,
                                              "; HRNET_NATIVE_PADDLE_PLUGIN can name its file"));
}

/// `paddle`: where its package is looked for.
os::DynamicLibrary OpenPlugin(const fs::path& plugin, const fs::path& paddle) {
  try {
    return os::DynamicLibrary(plugin);
  } catch (const Error& error) {
    FailIfAnother(paddle);
    FailUnsupported(StrCat("the Paddle engine does not load; it needs paddlepaddle==", HRNET_NATIVE_PADDLE_VERSION,
                           " (pip install 'hrnet_native[paddle]')"),
                    error);
  }
}

PaddlePluginFactory LoadFactory() {
  CheckCpu();
  ProvidePythonSymbols();
  const fs::path plugin = FindPlugin();
  fs::path package = plugin.parent_path().parent_path() / "paddle";
  if (const char* paddle = std::getenv("HRNET_NATIVE_PADDLE_DIR"); paddle != nullptr && *paddle != '\0') {
    try {
      const os::DynamicLibrary library(fs::path(paddle) / "base" / "libpaddle.so");
    } catch (const Error& error) {
      FailIfAnother(paddle);
      FailUnsupported(StrCat("HRNET_NATIVE_PADDLE_DIR=", paddle, " holds no usable Paddle"), error);
    }
    package = paddle;
  }
  const os::DynamicLibrary library = OpenPlugin(plugin, package);
  PaddlePluginVersion version = nullptr;
  PaddlePluginFactory factory = nullptr;
  try {
    library.Find(kPaddlePluginVersion, version);
    library.Find(kPaddlePluginFactory, factory);
  } catch (const Error& error) {
    FailUnsupported(StrCat(plugin, " is not the Paddle engine"), error);
  }
  if (std::strcmp(version(), HRNET_NATIVE_VERSION) != 0) {
    throw Error(ErrorCode::kUnsupported,
                StrCat(plugin, " is of version ", version(), "; expected ", HRNET_NATIVE_VERSION, ", this library's"));
  }
  return factory;
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
