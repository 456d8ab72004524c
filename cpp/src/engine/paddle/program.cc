#include "engine/paddle/program.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace hrnet_native {

bool IsPir(const std::filesystem::path& program) { return program.extension() == ".json"; }

bool Interpolates(const std::filesystem::path& program) {
  std::ifstream stream(program, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  return text.find("_interp\"") != std::string::npos;  // {"#":"1.nearest_interp",...
}

std::string WriterOf(const std::filesystem::path& program) {
  // {"base_code":{"magic":"pir","trainable":true,"version":4},...
  constexpr std::size_t kHead = 200;
  const std::string key = "\"version\":";
  std::string head(kHead, '\0');
  std::ifstream stream(program, std::ios::binary);
  stream.read(head.data(), static_cast<std::streamsize>(kHead));
  const std::size_t at = head.find(key);
  if (at == std::string::npos) return {};
  switch (std::strtol(head.c_str() + at + key.size(), nullptr, 10)) {
    case 1:
      return "3.0";
    case 3:
      return "3.2";
    case 4:
      return "3.3";
    default:
      return {};
  }
}

}  // namespace hrnet_native
