#pragma once

#include <initializer_list>
#include <map>
#include <string>

#include "arguments.h"
#include "hrnet_native/imaging.h"
#include "hrnet_native/options.h"

// The words that stand for values in Python.

namespace hrnet_native::bindings {

/// The values by their names, as the core spells them.
template <typename Value>
std::map<std::string, Value> WordsOf(std::initializer_list<Value> values) {
  std::map<std::string, Value> words;
  for (const Value value : values) words.emplace(Name(value), value);
  return words;
}

inline const std::map<std::string, Backend>& BackendWords() {
  static const auto words = WordsOf({Backend::kAuto, Backend::kNative, Backend::kOneDnn, Backend::kOpenVino,
                                     Backend::kCpu, Backend::kCuda, Backend::kTensorRt});
  return words;
}

inline const std::map<std::string, Precision>& PrecisionWords() {
  static const auto words = WordsOf({Precision::kFp32, Precision::kFp16, Precision::kBf16, Precision::kInt8});
  return words;
}

inline const std::map<std::string, Device>& DeviceWords() {
  static const std::map<std::string, Device> words = {{"cpu", Device::kCpu}, {"gpu", Device::kGpu}};
  return words;
}

inline const std::map<std::string, Memory>& MemoryWords() {
  static const std::map<std::string, Memory> words = {{"normal", Memory::kNormal}, {"low", Memory::kLow}};
  return words;
}

inline const std::map<std::string, ExifOrientation>& ExifWords() {
  static const std::map<std::string, ExifOrientation> words = {{"apply", ExifOrientation::kApply},
                                                               {"ignore", ExifOrientation::kIgnore}};
  return words;
}

inline const std::map<std::string, ColorOrder>& ColorWords() {
  static const std::map<std::string, ColorOrder> words = {{"rgb", ColorOrder::kRgb}, {"bgr", ColorOrder::kBgr}};
  return words;
}

inline const std::map<std::string, Interpolation>& InterpolationWords() {
  static const auto words =
      WordsOf({Interpolation::kNearest, Interpolation::kBilinear, Interpolation::kArea, Interpolation::kBicubic,
               Interpolation::kLanczos, Interpolation::kBox, Interpolation::kHamming});
  return words;
}

inline const std::map<std::string, ResizeBackend>& ResizeBackendWords() {
  static const auto words = WordsOf({ResizeBackend::kCv2, ResizeBackend::kPil});
  return words;
}

/// The word of a value that has one.
template <typename Value>
std::string WordOf(const std::map<std::string, Value>& words, Value value) {
  for (const auto& [word, meant] : words) {
    if (meant == value) return word;
  }
  return "";
}

}  // namespace hrnet_native::bindings
