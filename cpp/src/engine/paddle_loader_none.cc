#include "engine/paddle_loader.h"
#include "hrnet_native/error.h"

namespace hrnet_native {

std::shared_ptr<const LoadedModel> LoadPaddleModel(const EngineConfig&) {
  throw Error(ErrorCode::kUnsupported,
              "this build has no Paddle engine (it was configured with HRNET_NATIVE_PADDLE=OFF)");
}

}  // namespace hrnet_native
