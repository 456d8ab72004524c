// run_network FILE INPUT BATCH THREADS OUTPUT: runs native.safetensors on float32 values. For a processor on which the
// Python package does not run.
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <vector>

#include "engine/native/network.h"

namespace {

using hrnet_native::native::Graph;
using hrnet_native::native::Model;
using hrnet_native::native::Network;

std::vector<float> Read(const char* path) {
  std::vector<float> values(static_cast<std::size_t>(std::filesystem::file_size(path)) / sizeof(float));
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
  return values;
}

void Run(char** arguments) {
  const auto model = std::make_shared<const Model>(arguments[1], hrnet_native::Memory::kNormal);
  const Graph& graph = model->graph();
  const int batch = std::atoi(arguments[3]);
  Network network(model, std::atoi(arguments[4]));
  const std::vector<float> input = Read(arguments[2]);
  const float* output = network.Run(input.data(), batch, graph.channels, graph.height, graph.width);
  std::ofstream(arguments[5], std::ios::binary)
      .write(reinterpret_cast<const char*>(output),
             static_cast<std::streamsize>(sizeof(float)) * batch * network.output_size());
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) return 2;
  try {
    Run(arguments);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
