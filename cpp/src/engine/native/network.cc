#include "engine/native/network.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include "base/isa.h"
#include "base/str_cat.h"
#include "engine/native/even_piece.h"
#include "engine/native/memory_budget.h"
#include "hrnet_native/error.h"

namespace hrnet_native::native {
namespace {

/// Reads the time only where it is asked for.
class LayerClock {
 public:
  explicit LayerClock(std::vector<double>* seconds) : seconds_(seconds) {
    if (seconds_ != nullptr) last_ = std::chrono::steady_clock::now();
  }

  /// Gives a layer the time since the last call, or what falls to one of so many members that are at work.
  void Add(std::size_t layer, int members) {
    if (seconds_ == nullptr) return;
    const auto now = std::chrono::steady_clock::now();
    (*seconds_)[layer] += std::chrono::duration<double>(now - last_).count() / members;
    last_ = now;
  }

 private:
  std::vector<double>* seconds_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace

Model::Model(const std::filesystem::path& path, Memory memory)
    : Model(ReadGraph(path), KernelsFor(SelectedIsa()), memory) {}

Model::Model(Graph graph, const KernelSet& kernels, Memory memory)
    : graph_(std::move(graph)), kernels_(kernels), weights_(graph_, kernels_) {
  if (memory == Memory::kLow) transformable_ = TransformableLayers(graph_, kernels_.lanes);
}

Network::Network(std::shared_ptr<const Model> model, int num_threads, int max_batch_size,
                 std::shared_ptr<Workers> workers)
    : model_(std::move(model)),
      max_batch_size_(max_batch_size),
      scratch_(static_cast<std::size_t>(num_threads)),
      team_(num_threads, std::move(workers)) {}

const float* Network::Run(const float* input, int batch, int channels, int height, int width) {
  if (channels != model_->graph().channels) {
    throw Error(ErrorCode::kInvalidArgument,
                StrCat("the network takes ", model_->graph().channels, " channels, not ", channels));
  }
  Resize(batch, height, width);
  Plan& plan = PlanFor(batch);
  if (profile_ != nullptr) profile_->assign(plan.steps.size(), 0);
  team_.Run([&](int member, int members) {
    LoadInput(input, batch, member, members);
    team_.Barrier();
    for (std::size_t phase = 0; phase < plan.works.size(); ++phase) RunPhase(plan, phase, member, members);
  });

  const ValueId value = model_->graph().output;
  const MapLayout& layout = layout_->of(value);
  const MapView view = layout_->View(value, arena_.data());
  const auto* const origin = view.As<const float>();
  float* out = output_.data();
  for (int n = 0; n < batch; ++n) {
    for (int c = 0; c < layout.shape.channels; ++c) {
      for (int y = 0; y < layout.shape.height; ++y) {
        const float* row = origin + static_cast<std::size_t>(n) * view.image_stride +
                           static_cast<std::size_t>(c / layout.lanes) * view.block_stride +
                           static_cast<std::size_t>(y) * view.row_stride + c % layout.lanes;
        for (int x = 0; x < layout.shape.width; ++x, row += layout.lanes) *out++ = *row;
      }
    }
  }
  return output_.data();
}

/// The plan is for a whole team. Of a smaller one, everybody does in turn what several would have done.
void Network::RunPhase(Plan& plan, std::size_t number, int member, int members) {
  const Phase& phase = plan.schedule.phases[number];
  const std::vector<std::size_t>& layers = phase.layers[static_cast<std::size_t>(member)];
  SharedWork& work = plan.works[number];
  std::byte* scratch = scratch_[static_cast<std::size_t>(member)].data();
  LayerClock clock(profile_);
  const auto take = [&](const auto& body) {
    for (Range taken = work.Take(member); taken.begin < taken.end; taken = work.Take(member)) body(taken);
  };
  switch (phase.sharing) {
    case Sharing::kTogether:
      take([&](Range items) { plan.steps[layers[0]].run(items, scratch); });
      break;
    case Sharing::kSideBySide:
      for (int planned = member; planned < team_.size(); planned += members) {
        for (const std::size_t layer : phase.layers[static_cast<std::size_t>(planned)]) {
          plan.steps[layer].run({0, plan.steps[layer].items}, scratch);
          clock.Add(layer, members);
        }
      }
      break;
    case Sharing::kByImage:
      take([&](Range images) {
        for (int image = images.begin; image < images.end; ++image) {
          for (const std::size_t layer : layers) {
            plan.steps[layer].run(EvenPiece({0, plan.steps[layer].items}, image, plan.batch), scratch);
            if (member == 0) clock.Add(layer, 1);  // the others are as busy
          }
        }
      });
      break;
  }
  team_.Barrier();
  for (int share = member; share < team_.size(); share += members) work.Restore(share);  // for the next run
  if (phase.sharing == Sharing::kTogether && member == 0) clock.Add(layers[0], 1);
}

int Network::output_size() const {
  const MapShape& shape = layout_->shape(model_->graph().output);
  return shape.channels * shape.height * shape.width;
}

std::size_t Network::arena_bytes() const {
  std::size_t bytes = touched_ == 0 ? 0 : static_cast<std::size_t>(touched_) * layout_->image_bytes();
  for (const AlignedBuffer& scratch : scratch_) bytes += scratch.size();
  return bytes;
}

void Network::Resize(int batch, int height, int width) {
  const MapShape shape{model_->graph().channels, height, width};
  const bool same_size = layout_ && layout_->shape(0) == shape;
  if (same_size && batch <= touched_) return;
  if (!same_size) layout_ = std::make_unique<Layout>(model_->graph(), height, width, model_->kernels().lanes);
  if (batch > layout_->most_images()) {
    throw Error(ErrorCode::kInvalidArgument,
                StrCat("a batch of this network must have at most ", layout_->most_images(), " images, not ", batch));
  }
  if (!same_size || batch > capacity_) MakeArena(batch);
  const auto end_of = [&](int image) { return static_cast<std::size_t>(image) * layout_->image_bytes(); };
  team_.Run([&](int member, int members) { arena_.Touch(end_of(touched_), end_of(batch), member, members); });
  output_.resize(static_cast<std::size_t>(batch) * static_cast<std::size_t>(output_size()));
  touched_ = batch;
}

void Network::MakeArena(int batch) {
  plans_.clear();  // they point into the old one
  capacity_ = 0;
  touched_ = 0;
  arena_ = AlignedBuffer();  // frees the old one before the new one is there
  const auto take = [&](int images) {
    arena_ = AlignedBuffer(static_cast<std::size_t>(images) * layout_->image_bytes());
    capacity_ = images;
  };
  const int most = std::min(max_batch_size_, layout_->most_images());
  try {
    take(std::max(batch, most));
  } catch (const std::bad_alloc&) {
    if (most <= batch) throw;
    take(batch);  // addresses are short: no more than is needed now
  }
}

Plan& Network::PlanFor(int batch) {
  const auto found = plans_.find(batch);
  if (found != plans_.end()) return found->second;
  const PlanContext context{model_->graph(), *layout_, model_->kernels(), model_->weights(),
                            arena_.data(),   batch,    team_.size(),      model_->transformable()};
  Plan plan = MakePlan(context, team_);
  for (AlignedBuffer& scratch : scratch_) {
    if (scratch.size() < plan.scratch_bytes) scratch = AlignedBuffer(plan.scratch_bytes);
  }
  return plans_.emplace(batch, std::move(plan)).first->second;
}

void Network::LoadInput(const float* input, int batch, int member, int members) {
  const MapLayout& layout = layout_->of(0);
  const MapView view = layout_->View(0, arena_.data());
  const Range rows = EvenPiece({0, batch * layout.shape.channels * layout.shape.height}, member, members);
  for (int number = rows.begin; number < rows.end; ++number) {
    const int plane = number / layout.shape.height;
    const int y = number % layout.shape.height;
    const int c = plane % layout.shape.channels;
    const float* in = input + static_cast<std::size_t>(number) * static_cast<std::size_t>(layout.shape.width);
    float* out = view.As<float>() + static_cast<std::size_t>(plane / layout.shape.channels) * view.image_stride +
                 static_cast<std::size_t>(c / layout.lanes) * view.block_stride +
                 static_cast<std::size_t>(y) * view.row_stride + c % layout.lanes;
    for (int x = 0; x < layout.shape.width; ++x, out += layout.lanes) *out = in[x];
  }
}

}  // namespace hrnet_native::native
