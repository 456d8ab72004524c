#pragma once

#include <initializer_list>
#include <map>
#include <string>

#include "hrnet_native/error.h"
#include "hrnet_native/imaging.h"

namespace hrnet_native::bindings {

/// The value of a word. Throws Error kInvalidArgument for a word that is not among `words`.
template <typename Value>
Value ParseWord(const char* name, const std::string& word, const std::map<std::string, Value>& words) {
  const auto found = words.find(word);
  if (found != words.end()) return found->second;
  std::string expected;
  for (const auto& entry : words) expected += (expected.empty() ? "" : ", ") + entry.first;
  throw Error(ErrorCode::kInvalidArgument, std::string(name) + " must be one of " + expected + ", not '" + word + "'");
}

/// The values by their names, as the core spells them.
template <typename Value>
std::map<std::string, Value> WordsOf(std::initializer_list<Value> values) {
  std::map<std::string, Value> words;
  for (const Value value : values) words.emplace(Name(value), value);
  return words;
}

inline ExifOrientation ParseExif(const std::string& word) {
  return ParseWord<ExifOrientation>("exif", word,
                                    {{"apply", ExifOrientation::kApply}, {"ignore", ExifOrientation::kIgnore}});
}

inline Interpolation ParseInterpolation(const std::string& word) {
  return ParseWord(
      "interpolation", word,
      WordsOf({Interpolation::kNearest, Interpolation::kBilinear, Interpolation::kArea, Interpolation::kBicubic,
               Interpolation::kLanczos, Interpolation::kBox, Interpolation::kHamming}));
}

inline ResizeBackend ParseResizeBackend(const std::string& word) {
  return ParseWord("backend", word, WordsOf({ResizeBackend::kCv2, ResizeBackend::kPil}));
}

}  // namespace hrnet_native::bindings
