// Reads any bytes as native.safetensors; what the loader accepts is planned and, where it is small, run.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/isa.h"
#include "engine/native/graph.h"
#include "engine/native/layout.h"
#include "engine/native/network.h"
#include "engine/native/plan_context.h"
#include "hrnet_native/error.h"

namespace hrnet_native::native {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
constexpr double kMaxWork = 1e7;

/// About the multiply-adds of one image. Sanitizers are slow: a second's work would be too much.
double Work(const Model& model, const Layout& layout) {
  const Graph& graph = model.graph();
  const PlanContext context{graph, layout, model.kernels(), model.weights(), nullptr, 1, 1, model.transformable()};
  double work = 0;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const LayerContext layer{context, i, 1, 1};
    work += layer.layer().op->Choose(layer).cost * model.kernels().lanes + static_cast<double>(layer.input(0).size());
  }
  return work;
}

std::vector<float> Input(const Graph& graph, int batch, int height, int width) {
  std::vector<float> input(static_cast<std::size_t>(batch) * static_cast<std::size_t>(graph.channels) *
                           static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i * 37 % 101) / 50 - 1;
  return input;
}

void Run(const std::shared_ptr<const Model>& model, int threads, int batch, int height, int width) {
  const Graph& graph = model->graph();
  const Layout layout(graph, height, width, model->kernels().lanes);
  if (layout.image_bytes() > kMaxBytes || Work(*model, layout) > kMaxWork) return;
  Network network(model, threads);
  const std::vector<float> input = Input(graph, batch, height, width);
  const auto run = [&] {
    const float* output = network.Run(input.data(), batch, graph.channels, height, width);
    return std::vector<float>(output, output + batch * network.output_size());
  };
  const std::vector<float> first = run();
  const std::vector<float> second = run();
  // A layer that writes where it should not, a border for one, leaves another state behind.
  if (std::memcmp(first.data(), second.data(), first.size() * sizeof(float)) != 0) std::abort();
}

void Fuzz(const std::uint8_t* data, std::size_t size) {
  const Isa isa = size % 3 == 0 ? Isa::kScalar : SelectedIsa();
  try {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto model = std::make_shared<const Model>(ParseGraph(std::make_shared<const MemoryBytes>(bytes)),
                                                     KernelsFor(isa), size % 5 == 0 ? Memory::kLow : Memory::kNormal);
    const Graph& graph = model->graph();
    const int threads = static_cast<int>(1 + size % 2);
    Run(model, threads, 1, graph.height, graph.width);
    Run(model, threads, 2, 13, 10);  // another size than that of the export
  } catch (const Error&) {
  }
}

}  // namespace
}  // namespace hrnet_native::native

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hrnet_native::native::Fuzz(data, size);
  return 0;
}
