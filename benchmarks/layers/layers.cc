// Runs a native.safetensors on images of float32 and prints, as one JSON object, the network's output, what the threads
// can multiply at most, and for each layer what it is, how it is computed and how long it takes.

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/native/network.h"
#include "engine/native/operators/conv.h"
#include "engine/native/operators/conv_cost.h"
#include "peak.h"

namespace {

using namespace hrnet_native::native;
using nlohmann::json;

std::vector<float> ReadFloats(const std::string& path, std::size_t count) {
  std::ifstream file(path, std::ios::binary);
  std::vector<float> floats(count);
  if (!file.read(reinterpret_cast<char*>(floats.data()), static_cast<std::streamsize>(count * sizeof(float)))) {
    throw std::runtime_error(path + " has fewer than " + std::to_string(count) + " float32 values");
  }
  return floats;
}

std::string NameOf(std::optional<WinogradForm> form) {
  if (!form) return "direct";
  const std::string side = std::to_string(ShapeOf(*form).output);
  return "F(" + side + "x" + side + ")";
}

/// A convolution by its definition, its form, and the multiplications and additions that the form needs.
void DescribeConv(const ConvFields& conv, const MapShape& out, int batch, const ConvChoice& choice, json& description) {
  const int taps = conv.windows.taps();
  const double pair = 2.0 * batch * conv.in_channels() * out.channels;
  double products = static_cast<double>(taps) * out.height * out.width;
  description["flops"] = pair * products;
  if (choice.form) {
    const WinogradShape shape = ShapeOf(*choice.form);
    const auto positions = [&](int side) {  // of all tiles of an axis
      return shape.tiles(side) * (shape.positions - shape.last_positions) +
             shape.whole_tiles(side) * shape.last_positions;
    };
    products = static_cast<double>(positions(out.height)) * positions(out.width);
  }
  description["multiplied_flops"] = pair * products;
  description["form"] = NameOf(choice.form);
  description["kernel"] = conv.windows.kernel[0];
  description["stride"] = conv.windows.stride[0];
}

json Profile(const std::string& file, const std::string& images, int threads, int batch, int runs) {
  const auto model = std::make_shared<const Model>(file);
  const Graph& graph = model->graph();
  const KernelSet& kernels = model->kernels();
  const std::vector<float> input =
      ReadFloats(images, static_cast<std::size_t>(batch) * static_cast<std::size_t>(graph.channels) *
                             static_cast<std::size_t>(graph.height * graph.width));
  Network network(model, threads);
  const auto run = [&] { return network.Run(input.data(), batch, graph.channels, graph.height, graph.width); };
  const float* output = run();
  json result;
  result["output"] = std::vector<float>(output, output + static_cast<std::ptrdiff_t>(batch) * network.output_size());

  std::vector<std::vector<double>> seconds(graph.layers.size());
  std::vector<double> profile;
  network.set_profile(&profile);
  for (int i = 0; i < runs; ++i) {
    run();
    for (std::size_t layer = 0; layer < seconds.size(); ++layer) seconds[layer].push_back(profile[layer]);
  }
  result["peak_flops_per_second"] = MeasurePeak(kernels, threads);

  const Schedule& schedule = network.PlanFor(batch).schedule;
  const Layout layout(graph, graph.height, graph.width, kernels.lanes);
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const Layer& layer = graph.layers[i];
    const MapShape& out = layout.shape(layer.output);
    std::nth_element(seconds[i].begin(), seconds[i].begin() + runs / 2, seconds[i].end());
    json description = {{"op", layer.name},
                        {"in_channels", layout.shape(layer.inputs[0]).channels},
                        {"out_channels", out.channels},
                        {"size", out.height},
                        {"seconds", seconds[i][static_cast<std::size_t>(runs / 2)]}};
    if (const auto* conv = dynamic_cast<const Conv*>(layer.op.get())) {
      DescribeConv(conv->fields(), out, batch, std::any_cast<const ConvChoice&>(schedule.ways[i].how), description);
    }
    result["layers"].push_back(description);
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: hrnet_native_layers NATIVE_SAFETENSORS IMAGES THREADS BATCH RUNS\n";
    return 2;
  }
  try {
    std::cout << Profile(argv[1], argv[2], std::stoi(argv[3]), std::stoi(argv[4]), std::stoi(argv[5])).dump() << "\n";
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
