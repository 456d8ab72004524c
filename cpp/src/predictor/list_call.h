#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "predictor/deadline.h"
#include "predictor/pipeline.h"

namespace hrnet_native {

/// One call of Predict. Its images are cut into pieces, each run as one request. The caller and idle decoders decode
/// them one by one, a few pieces ahead of the engine; the caller alone starts the pieces and takes their answers, for
/// a decoder that waited for room in the queue could be the one that makes it.
class Pipeline::ListCall : public std::enable_shared_from_this<ListCall> {
 public:
  /// Borrows the images. Throws Error kInvalidArgument.
  ListCall(Pipeline& pipeline, const std::vector<ImageSource>& images, const RequestOptions& options);

  /// Called once. Throws Error kClosed or kCancelled.
  std::vector<Outcome> Run();

 private:
  /// Consecutive images that are run as one request: at most max_batch_size. Its memory serves later pieces.
  struct Piece {
    std::size_t begin = 0;  // its first image
    std::size_t size = 0;
    std::size_t to_decode = 0;
    bool done = false;  // its request, with `error`
    std::exception_ptr error;
    std::vector<Preparation> preparations;
    std::vector<float> inputs;
    std::vector<float> scores;
    std::vector<std::size_t> served;  // the images that could be decoded; the request has them alone
    std::shared_ptr<Request> request;
  };

  using Lock = std::unique_lock<std::mutex>;

  Piece& At(std::size_t piece) { return ring_[piece % ring_.size()]; }
  bool HasRoom() const { return opened_ < sizes_.size() && opened_ - finished_ < ring_.size(); }
  void Open();
  void CallHelpers();
  void Help();
  bool GiveWay();
  bool DecodeNext(Lock& lock);
  void Decode(Piece& piece, std::size_t index);
  void Start(Lock& lock);
  void DropBadImages(Piece& piece);
  void Finish(Lock& lock);
  void Abandon(Lock& lock);

  Pipeline& pipeline_;
  const std::vector<ImageSource>& images_;
  const Clock::time_point asked_;
  const int top_k_;
  const std::optional<Deadline> deadline_;
  const std::function<bool()>& is_given_up_;
  const std::vector<std::size_t> sizes_;  // of all pieces
  std::vector<Outcome> outcomes_;

  std::mutex mutex_;
  std::condition_variable changed_;  // the caller has something to do
  std::vector<Piece> ring_;          // the pieces that are in memory
  std::size_t opened_ = 0;           // pieces that may be decoded, and so on; each number is at most the one above
  std::size_t taken_ = 0;
  std::size_t started_ = 0;
  std::size_t finished_ = 0;
  std::size_t next_image_ = 0;  // of piece taken_
  std::size_t opened_images_ = 0;
  std::size_t taken_images_ = 0;
  std::size_t settled_images_ = 0;  // they have an answer or an error
  std::size_t decoding_ = 0;        // images, now
  std::size_t helpers_ = 0;         // posted and not ended
};

}  // namespace hrnet_native
