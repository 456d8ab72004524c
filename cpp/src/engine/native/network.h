#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <vector>

#include "base/aligned_buffer.h"
#include "engine/native/graph.h"
#include "engine/native/kernels/kernels.h"
#include "engine/native/layout.h"
#include "engine/native/packing.h"
#include "engine/native/plan.h"
#include "engine/native/thread_team.h"
#include "hrnet_native/backend.h"

namespace hrnet_native::native {

/// A network that is loaded once: its graph, and its weights packed for one instruction set. Any thread may use it.
class Model {
 public:
  /// Throws Error: kModelLoad if the file is not usable, kUnsupported if HRNET_NATIVE_ISA names what this CPU lacks.
  explicit Model(const std::filesystem::path& path, Memory memory = Memory::kNormal);
  Model(Graph graph, const KernelSet& kernels, Memory memory = Memory::kNormal);
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const Graph& graph() const { return graph_; }
  const KernelSet& kernels() const { return kernels_; }
  const WeightStore& weights() const { return weights_; }
  /// With Memory::kLow: see TransformableLayers. Else empty.
  const std::vector<bool>& transformable() const { return transformable_; }

 private:
  Graph graph_;
  const KernelSet& kernels_;
  WeightStore weights_;
  std::vector<bool> transformable_;
};

/// Executes a model: an arena, a team of threads, and a plan for each batch size that was met. One call at a time.
class Network {
 public:
  /// The arena has addresses for `max_batch_size` images from the start, and memory for as many as were met. A larger
  /// batch is run, too, but takes a new arena, for which all plans are made again.
  /// Runs on up to `num_threads` of the `workers`' CPUs, with the same bits on however few; without `workers` it has
  /// threads and CPUs of its own. Throws Error kResourceExhausted.
  Network(std::shared_ptr<const Model> model, int num_threads, int max_batch_size = 1,
          std::shared_ptr<Workers> workers = nullptr);

  /// Runs (batch, channels, height, width) floats. A map as output is flattened to (channels, height, width). Returns
  /// (batch, output_size()) floats, valid until the next call. Throws Error kModelLoad if the network does not take
  /// this size, kInvalidArgument for another number of channels.
  const float* Run(const float* input, int batch, int channels, int height, int width);

  /// Made when it is first asked for. For sizes up to those of the last `Run`.
  Plan& PlanFor(int batch);

  std::size_t num_plans() const { return plans_.size(); }

  int output_size() const;
  std::size_t arena_bytes() const;

  /// Seconds of each layer in the next `Run`s: of the team's time. What one member runs alone takes its share of it.
  void set_profile(std::vector<double>* seconds) { profile_ = seconds; }

 private:
  void Resize(int batch, int height, int width);
  void MakeArena(int batch);
  void RunPhase(Plan& plan, std::size_t phase, int member, int members);
  void LoadInput(const float* input, int batch, int member, int members);

  std::shared_ptr<const Model> model_;
  std::unique_ptr<Layout> layout_;  // of the current size
  AlignedBuffer arena_;
  int max_batch_size_;
  int capacity_ = 0;           // images that the arena has addresses for
  int touched_ = 0;            // and memory
  std::map<int, Plan> plans_;  // by batch size; they point into the arena
  std::vector<AlignedBuffer> scratch_;
  std::vector<float> output_;
  std::vector<double>* profile_ = nullptr;
  ThreadTeam team_;  // last: it uses the members above
};

}  // namespace hrnet_native::native
