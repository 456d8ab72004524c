// The part of NVIDIA's driver library that this project calls, as it answers where CUDA_VISIBLE_DEVICES hides every
// GPU.

namespace {
constexpr int kNoDevice = 100;
}

extern "C" {
int cuInit() { return kNoDevice; }
int cuDriverGetVersion() { return kNoDevice; }
int cuDeviceGetCount() { return kNoDevice; }
int cuDeviceGet() { return kNoDevice; }
int cuDeviceGetName() { return kNoDevice; }
int cuDeviceGetAttribute() { return kNoDevice; }
int cuStreamSynchronize() { return kNoDevice; }
}
