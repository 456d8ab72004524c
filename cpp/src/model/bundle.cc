#include "model/bundle.h"

#include <string_view>

#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "model/inference_yml.h"

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPirProgram = "inference.json";
constexpr const char* kOldProgram = "inference.pdmodel";
constexpr const char* kParameters = "inference.pdiparams";
constexpr const char* kNative = "native.safetensors";
constexpr const char* kConfiguration = "inference.yml";

bool IsFile(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// A model that came from elsewhere shall not name files outside its directory.
void RefuseLinks(const fs::path& directory) {
  for (const char* name : {kPirProgram, kOldProgram, kParameters, kNative, kConfiguration}) {
    std::error_code ignored;
    if (!fs::is_symlink(directory / name, ignored)) continue;
    throw Error(ErrorCode::kModelLoad,
                StrCat(directory / name, " is a link; expected the file itself in the model directory"));
  }
}

Bundle ReadFiles(const fs::path& directory, const fs::path& native_file, bool verify) {
  Bundle bundle;
  for (const char* name : {kPirProgram, kOldProgram}) {
    if (bundle.program.empty() && IsFile(directory / name)) bundle.program = directory / name;
  }
  bundle.parameters = directory / kParameters;
  bundle.native_is_own = native_file.empty();
  if (!native_file.empty()) {
    bundle.native = native_file;
  } else if (IsFile(directory / kNative)) {
    bundle.native = directory / kNative;
  }
  if (bundle.native.empty() && (bundle.program.empty() || !IsFile(bundle.parameters))) {
    throw Error(
        ErrorCode::kModelLoad,
        StrCat(directory, " lacks ", bundle.program.empty() ? "inference.json or inference.pdmodel" : kParameters,
               "; expected a model exported by hrnet-native, PaddleClas or PaddleX"));
  }
  if (!IsFile(bundle.parameters)) bundle.program.clear();
  const fs::path config = directory / kConfiguration;
  if (IsFile(config)) ReadInferenceYml(config, verify, bundle);
  return bundle;
}

/// A program in the newer format is JSON; the older one is a protocol buffer, whose first byte is the tag of a field.
const char* ProgramName(std::string_view program) {
  return program.find_first_not_of(" \t\r\n") == program.find('{') ? kPirProgram : kOldProgram;
}

}  // namespace

Bundle ReadBundle(const fs::path& directory, const fs::path& native_file, bool verify) {
  std::error_code ignored;
  if (!fs::exists(directory, ignored)) {
    throw Error(ErrorCode::kNotFound, StrCat("no such model directory: ", directory));
  }
  if (!fs::is_directory(directory, ignored)) {
    throw Error(ErrorCode::kModelLoad, StrCat(directory, " is not a directory; expected one with a Paddle model"));
  }
  if (!native_file.empty() && !IsFile(native_file)) {
    throw Error(ErrorCode::kNotFound, StrCat("no such native_file: ", native_file));
  }
  RefuseLinks(directory);
  return ReadFiles(directory, native_file, verify);
}

Bundle ReadBundle(const ModelBytes& files, bool verify) {
  const auto memory = std::make_shared<MemoryDirectory>();
  const auto add = [&memory](const char* name, std::string_view bytes) {
    if (!bytes.empty()) memory->Add(name, bytes);
  };
  add(ProgramName(files.program), files.program);
  add(kParameters, files.params);
  add(kConfiguration, files.config);
  add(kNative, files.native);
  Bundle bundle = ReadFiles(memory->path(), {}, verify);
  bundle.memory = memory;
  return bundle;
}

}  // namespace hrnet_native
