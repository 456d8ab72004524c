#include "model/bundle.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

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

/// The files of a model, by name.
using Files = std::map<std::string, ModelFile>;

[[noreturn]] void Fail(const std::string& message) { throw Error(ErrorCode::kModelLoad, message); }

/// The file in a model directory, or none if nothing has its name. Nothing else passes for missing; and a model that
/// came from elsewhere shall not name files outside its directory.
ModelFile FindFile(const fs::path& path) {
  std::error_code failure;
  switch (fs::symlink_status(path, failure).type()) {
    case fs::file_type::not_found:
      return {};
    case fs::file_type::regular:
      return path;
    case fs::file_type::symlink:
      Fail(StrCat(path, " is a link; expected the file itself in the model directory"));
    case fs::file_type::none:
      Fail(StrCat("cannot look for ", path, ": ", failure.message()));
    default:
      Fail(StrCat(path, " is not a regular file"));
  }
}

/// `where`: what holds the files, for messages.
Bundle Read(const std::string& where, const Files& files, bool verify) {
  const auto find = [&files](const char* name) {
    const auto found = files.find(name);
    return found == files.end() ? ModelFile() : found->second;
  };
  Bundle bundle;
  bundle.program = find(kPirProgram);
  if (bundle.program.empty()) bundle.program = find(kOldProgram);
  bundle.parameters = find(kParameters);
  bundle.native = find(kNative);
  if (bundle.native.empty() && (bundle.program.empty() || bundle.parameters.empty())) {
    Fail(StrCat(where, " lacks ", bundle.program.empty() ? "inference.json or inference.pdmodel" : kParameters,
                "; expected a model exported by hrnet-native, PaddleClas or PaddleX"));
  }
  if (bundle.parameters.empty()) bundle.program = {};
  if (const ModelFile config = find(kConfiguration); !config.empty()) ReadInferenceYml(config, verify, bundle);
  return bundle;
}

/// A program in the newer format is JSON; the older one is a protocol buffer, whose first byte is the tag of a field.
const char* ProgramName(std::string_view program) {
  return program.find_first_not_of(" \t\r\n") == program.find('{') ? kPirProgram : kOldProgram;
}

}  // namespace

Bundle ReadBundle(const fs::path& directory, const fs::path& native_file, bool verify) {
  std::error_code failure;
  const fs::file_type type = fs::status(directory, failure).type();
  if (type == fs::file_type::not_found) {
    throw Error(ErrorCode::kNotFound, StrCat("no such model directory: ", directory));
  }
  if (type == fs::file_type::none) Fail(StrCat("cannot look for ", directory, ": ", failure.message()));
  if (type != fs::file_type::directory)
    Fail(StrCat(directory, " is not a directory; expected one with a Paddle model"));
  if (!native_file.empty() && !fs::is_regular_file(native_file, failure)) {
    throw Error(ErrorCode::kNotFound, StrCat("no such native_file: ", native_file));
  }
  Files files;
  for (const char* name : {kPirProgram, kOldProgram, kParameters, kNative, kConfiguration}) {
    if (ModelFile file = FindFile(directory / name); !file.empty()) files[name] = std::move(file);
  }
  if (!native_file.empty()) files[kNative] = native_file;
  Bundle bundle = Read(StrCat(directory), files, verify);
  bundle.native_is_own = native_file.empty();
  return bundle;
}

Bundle ReadBundle(const ModelBytes& bytes, bool verify) {
  Files files;
  const auto add = [&files](const char* name, std::string_view file) {
    if (!file.empty()) files[name] = ModelFile(name, std::make_shared<const std::string>(file));
  };
  add(ProgramName(bytes.program), bytes.program);
  add(kParameters, bytes.params);
  add(kConfiguration, bytes.config);
  add(kNative, bytes.native);
  return Read("the model in memory", files, verify);
}

}  // namespace hrnet_native
