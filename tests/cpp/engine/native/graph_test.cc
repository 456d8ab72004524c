// What a native.safetensors file must not say. tests/python/engines/test_native.py has the plain mistakes; here is what
// was found by fuzzing or by thinking of those who would.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "base/isa.h"
#include "base/str_cat.h"
#include "engine/native/graph.h"
#include "engine/native/kernels/kernels.h"
#include "engine/native/layout.h"
#include "engine/native/network.h"
#include "support/expect_error.h"

namespace hrnet_native::native {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kWeightFloats = 8 * 3 * 3 * 3;

Json GoodGraph() {
  return {{"version", 1},
          {"input", {{"value", 0}, {"channels", 3}, {"height", 8}, {"width", 8}}},
          {"output", 1},
          {"layers",
           {{{"op", "conv"},
             {"input", 0},
             {"output", 1},
             {"weight", "w"},
             {"stride", {1, 1}},
             {"padding", {1, 1, 1, 1}},
             {"activation", "none"}}}}};
}

Json TensorEntry(std::vector<std::size_t> shape, std::size_t begin, std::size_t end) {
  return {{"dtype", "F32"}, {"shape", std::move(shape)}, {"data_offsets", {begin, end}}};
}

Json GoodTensors() { return {{"w", TensorEntry({8, 3, 3, 3}, 0, kWeightFloats * 4)}}; }

std::string File(const std::string& graph, Json tensors, std::size_t data_bytes) {
  tensors["__metadata__"] = {{"hrnet_native.graph", graph}};
  const std::string header = tensors.dump();
  const std::uint64_t length = header.size();
  std::string file(reinterpret_cast<const char*>(&length), sizeof length);
  return file + header + std::string(data_bytes, '\0');
}

Graph Parse(const std::string& file) {
  const auto bytes = std::make_shared<const std::string>(file);
  return ParseGraph(std::make_shared<const MemoryBytes>(*bytes, bytes));
}

void ExpectRefused(const std::string& file, const std::string& words) {
  ExpectError(ErrorCode::kModelLoad, words, [&] { Parse(file); });
}

void ExpectRefused(const Json& graph, const std::string& words) {
  ExpectRefused(File(graph.dump(), GoodTensors(), kWeightFloats * 4), words);
}

TEST(NativeGraph, AGoodFileIsRead) {
  const Graph graph = Parse(File(GoodGraph().dump(), GoodTensors(), kWeightFloats * 4));
  ASSERT_EQ(graph.layers.size(), 1U);
  EXPECT_EQ(graph.layers[0].op->weights()->values.shape, (std::vector<int>{8, 3, 3, 3}));
}

/// A file of any size, of which nothing but the length of its header can be read.
class Claim final : public ByteSource {
 public:
  explicit Claim(std::uint64_t header) : header_(header) {}
  std::size_t size() const override { return std::size_t{1} << 40; }
  void Read(std::uint64_t offset, void* to, std::size_t size) const override {
    if (offset != 0 || size != sizeof header_) throw Error(ErrorCode::kInternal, StrCat("read ", size, " bytes"));
    std::memcpy(to, &header_, size);
  }

 private:
  std::uint64_t header_;
};

TEST(NativeGraph, AHeaderHasNoMoreThanAHundredMegabytes) {
  constexpr std::uint64_t kMost = std::uint64_t{100} << 20;
  const auto parse = [](std::uint64_t header) { ParseGraph(std::make_shared<const Claim>(header)); };
  ExpectError(ErrorCode::kInternal, "read 104857600 bytes", [&] { parse(kMost); });
  ExpectError(ErrorCode::kModelLoad, "the header of 104857601 bytes does not fit", [&] { parse(kMost + 1); });
}

TEST(NativeGraph, NestingIsNotFollowed) {
  constexpr std::size_t kDepth = 500'000;  // printed in a message by recursion, it would overflow the stack
  const std::string nested = std::string(kDepth, '[') + std::string(kDepth, ']');
  std::string text = GoodGraph().dump();
  const std::string stride = "\"stride\":[1,1]";
  text.replace(text.find(stride), stride.size(), "\"stride\":[1," + nested + "]");
  ExpectRefused(File(text, GoodTensors(), kWeightFloats * 4), "stride must be an integer from 1 to 65536, not a list");
  ExpectRefused(File(nested, GoodTensors(), kWeightFloats * 4), "no JSON object");
}

TEST(NativeGraph, ANameThatIsThereTwiceIsRefused) {
  std::string text = GoodGraph().dump();
  text.insert(text.find("\"stride\""), "\"stride\":[2,2],");
  ExpectRefused(File(text, GoodTensors(), kWeightFloats * 4), "no JSON object");
}

TEST(NativeGraph, LongTextsAreCutInMessages) {
  Json graph = GoodGraph();
  graph["layers"][0]["op"] = std::string(100'000, 'x');
  try {
    Parse(File(graph.dump(), GoodTensors(), kWeightFloats * 4));
    FAIL();
  } catch (const Error& error) {
    EXPECT_LT(std::strlen(error.what()), 200U);
  }
}

TEST(NativeGraph, FieldsThatAreNotKnownAreRefused) {
  Json graph = GoodGraph();
  graph["layers"][0]["dilation"] = {2, 2};
  ExpectRefused(graph, "field \"dilation\" is not known");
  graph = GoodGraph();
  graph["layers"][0].erase("activation");
  ExpectRefused(graph, "'activation' is missing");
  graph = GoodGraph();
  graph["input"]["batch"] = 1;
  ExpectRefused(graph, "field \"batch\" is not known");
  graph = GoodGraph();
  graph["precision"] = "int8";
  ExpectRefused(graph, "field \"precision\" is not known");
}

TEST(NativeGraph, ATensorBelongsToOneLayer) {
  // Otherwise a few weights, packed for thousands of layers, take any amount of memory.
  Json graph = GoodGraph();
  graph["layers"].push_back(graph["layers"][0]);
  graph["layers"][1]["output"] = 2;
  ExpectRefused(graph, "tensor \"w\" is missing, or used by another layer");
  graph = GoodGraph();
  graph["layers"] = {{{"op", "global_average_pool"}, {"input", 0}, {"output", 1}}};
  ExpectRefused(graph, "tensor \"w\" is used by no layer");
}

TEST(NativeGraph, TensorsFollowEachOther) {
  const std::string graph = GoodGraph().dump();
  Json tensors = GoodTensors();
  tensors["v"] = TensorEntry({4}, 0, 16);
  ExpectRefused(File(graph, tensors, kWeightFloats * 4), "begins where another does");
  tensors["v"] = TensorEntry({4}, 4, 20);
  ExpectRefused(File(graph, tensors, kWeightFloats * 4), "begins at byte 4, expected 864");
  ExpectRefused(File(graph, GoodTensors(), kWeightFloats * 4 + 4), "end at byte 864 of 868");
}

TEST(NativeGraph, MapsStaySmallEnoughToCount) {
  // Each layer's padding makes the map larger; after 16,384 of them its height would not fit an int.
  Json graph = GoodGraph();
  Json layers = Json::array();
  Json tensors = Json::object();
  for (int i = 0; i < 3; ++i) {
    const std::string name = "w" + std::to_string(i);
    layers.push_back({{"op", "conv"},
                      {"input", i},
                      {"output", i + 1},
                      {"weight", name},
                      {"stride", {1, 1}},
                      {"padding", {65536, 0, 65536, 0}},
                      {"activation", "none"}});
    const auto begin = static_cast<std::size_t>(i) * 36;
    tensors[name] = TensorEntry({3, 3, 1, 1}, begin, begin + 36);
  }
  graph["layers"] = layers;
  graph["output"] = 3;
  const Graph parsed = Parse(File(graph.dump(), tensors, 108));
  ExpectError(ErrorCode::kModelLoad, "layer 0: padding makes a map of (3, 131080, 8)",
              [&] { Layout(parsed, 8, 8, 8); });
}

TEST(NativeGraph, PixelsAndPiecesAreMultipliedInMoreThanAnInt) {
  // 900 by 900 pixels in pieces of 256, as every other input is 4 pixels away: pixels times pieces are 2.6e9.
  constexpr std::size_t kOut = 900;
  constexpr std::size_t kIn = 4 * kOut;
  Json graph = GoodGraph();
  graph["input"] = {{"value", 0}, {"channels", 1}, {"height", kIn}, {"width", kIn}};
  graph["layers"][0]["padding"] = {0, 0, 0, 0};
  graph["layers"][0]["stride"] = {4, 4};
  std::string file = File(graph.dump(), {{"w", TensorEntry({1, 1, 1, 1}, 0, 4)}}, 4);
  const float weight = 2;
  std::memcpy(file.data() + file.size() - 4, &weight, sizeof weight);
  const auto model = std::make_shared<const Model>(Parse(file), KernelsFor(SelectedIsa()), Memory::kNormal);
  Network network(model, 1);
  std::vector<float> input(kIn * kIn);
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i % 1000);
  const float* output = network.Run(input.data(), 1, 1, kIn, kIn);
  for (std::size_t i = 0; i < kOut * kOut; ++i) {
    ASSERT_EQ(output[i], 2 * input[i / kOut * 4 * kIn + i % kOut * 4]) << i;
  }
}

TEST(NativeGraph, StridesMayBeAsLargeAsASide) {
  // Found by fuzzing: the product of two strides of 65,536 does not fit an int, and bytes were divided by it.
  Json graph = GoodGraph();
  graph["layers"][0]["stride"] = {65536, 65536};
  const std::string file = File(graph.dump(), GoodTensors(), kWeightFloats * 4);  // outlives the model
  const auto model = std::make_shared<const Model>(Parse(file), KernelsFor(SelectedIsa()));
  Network network(model, 1);
  const std::vector<float> input(std::size_t{3} * 8 * 8, 1);
  const float* output = network.Run(input.data(), 1, 3, 8, 8);
  ASSERT_EQ(network.output_size(), 8);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(output[i], 0);  // the file's weights are zeros
}

TEST(NativeGraph, WindowsMayBeAsLargeAsASide) {
  Json graph = GoodGraph();
  Json pool = {{"op", "max_pool"},         {"input", 1},       {"output", 2},
               {"kernel", {65536, 65536}}, {"stride", {1, 1}}, {"padding", {65535, 65535, 0, 0}}};
  graph["layers"].push_back(pool);
  graph["output"] = 2;
  const std::string file = File(graph.dump(), GoodTensors(), kWeightFloats * 4);
  Network network(std::make_shared<const Model>(Parse(file), KernelsFor(SelectedIsa())), 1);
  const std::vector<float> input(std::size_t{3} * 8 * 8, 1);
  EXPECT_EQ(network.Run(input.data(), 1, 3, 8, 8)[0], 0);
  EXPECT_EQ(network.output_size(), 8 * 8 * 8);
}

TEST(NativeGraph, ABatchHasNoMoreImagesThanCanBeCounted) {
  const std::string file = File(GoodGraph().dump(), GoodTensors(), kWeightFloats * 4);
  Network network(std::make_shared<const Model>(Parse(file), KernelsFor(SelectedIsa())), 1);
  const float input = 0;
  ExpectError(ErrorCode::kInvalidArgument, "images, not 1000000000", [&] { network.Run(&input, 1000000000, 3, 8, 8); });
}

TEST(NativeGraph, AFileThatIsWrittenToIsFoundOutWhenWeightsArePacked) {
  const std::string path = testing::TempDir() + std::to_string(getpid()) + "_written.safetensors";
  const std::string whole = File(GoodGraph().dump(), GoodTensors(), kWeightFloats * 4);
  const auto write = [](const std::string& to, const std::string& bytes) { std::ofstream(to) << bytes; };
  const std::vector<float> input(std::size_t{3} * 8 * 8, 1);
  for (const std::string& bytes : {whole.substr(0, whole.size() - 8), std::string(), whole + "more"}) {
    write(path, whole);
    Network network(std::make_shared<const Model>(path), 1);
    write(path, bytes);
    for (int attempt = 0; attempt < 2; ++attempt) {
      ExpectError(ErrorCode::kInternal, "was written to while it was in use",
                  [&] { network.Run(input.data(), 1, 3, 8, 8); });
    }
  }
  write(path, whole);
  Network network(std::make_shared<const Model>(path), 1);
  write(path + ".new", "another model");
  std::filesystem::rename(path + ".new", path);  // as a file is to be replaced
  EXPECT_EQ(network.Run(input.data(), 1, 3, 8, 8)[0], 0);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace hrnet_native::native
