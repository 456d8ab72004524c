#include "engine/paddle/cuda_driver.h"

#include <dlfcn.h>

#include <array>
#include <fstream>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native::cuda_driver {
namespace {

// From the documentation of CUDA's driver interface: CUresult and CUdevice are ints, 0 is success.
constexpr int kNoDevice = 100;
constexpr int kComputeCapabilityMajor = 75;
constexpr int kComputeCapabilityMinor = 76;

template <typename Function>
Function* Symbol(void* library, const char* name) {
  auto* function = reinterpret_cast<Function*>(dlsym(library, name));
  if (function == nullptr) throw Error(ErrorCode::kUnsupported, StrCat("NVIDIA's libcuda.so.1 has no ", name));
  return function;
}

/// libcuda.so.1, which NVIDIA's driver installs.
struct Library {
  Library() {
    void* library = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) {
      throw Error(ErrorCode::kUnsupported, StrCat("device gpu needs NVIDIA's driver: ", dlerror()));
    }
    init = Symbol<int(unsigned)>(library, "cuInit");
    driver_version = Symbol<int(int*)>(library, "cuDriverGetVersion");
    device_count = Symbol<int(int*)>(library, "cuDeviceGetCount");
    device = Symbol<int(int*, int)>(library, "cuDeviceGet");
    device_name = Symbol<int(char*, int, int)>(library, "cuDeviceGetName");
    device_attribute = Symbol<int(int*, int, int)>(library, "cuDeviceGetAttribute");
    synchronize = Symbol<int(void*)>(library, "cuStreamSynchronize");
  }

  int (*init)(unsigned);
  int (*driver_version)(int*);
  int (*device_count)(int*);
  int (*device)(int*, int);
  int (*device_name)(char*, int, int);
  int (*device_attribute)(int*, int, int);
  int (*synchronize)(void*);
};

const Library& Driver() {
  static const Library library;  // if it throws, the next call tries again
  return library;
}

void Require(int result, const char* what) {
  if (result != 0)
    throw Error(ErrorCode::kUnsupported, StrCat("NVIDIA's driver fails at ", what, ": CUDA error ", result));
}

std::string DriverVersion(const Library& driver) {
  std::ifstream file("/sys/module/nvidia/version");
  std::string version;
  if (file >> version) return version;
  int cuda = 0;
  Require(driver.driver_version(&cuda), "cuDriverGetVersion");
  return StrCat("of CUDA ", cuda / 1000, ".", cuda % 1000 / 10);
}

}  // namespace

GpuIdentity Identify(int device_id) {
  const Library& driver = Driver();
  int count = 0;
  if (const int result = driver.init(0); result != kNoDevice) {
    Require(result, "cuInit");
    Require(driver.device_count(&count), "cuDeviceGetCount");
  }
  if (device_id >= count) {
    throw Error(ErrorCode::kUnsupported,
                StrCat("device_id=", device_id, " is not there: this process sees ", count, " GPUs, counted from 0"));
  }
  int device = 0;
  int major = 0;
  int minor = 0;
  std::array<char, 256> name{};
  Require(driver.device(&device, device_id), "cuDeviceGet");
  Require(driver.device_name(name.data(), static_cast<int>(name.size()), device), "cuDeviceGetName");
  Require(driver.device_attribute(&major, kComputeCapabilityMajor, device), "cuDeviceGetAttribute");
  Require(driver.device_attribute(&minor, kComputeCapabilityMinor, device), "cuDeviceGetAttribute");
  return {name.data(), StrCat(major, ".", minor), DriverVersion(driver)};
}

void Synchronize(void* stream) {
  if (const int result = Driver().synchronize(stream); result != 0) {
    throw Error(ErrorCode::kInternal, StrCat("the GPU failed while it ran the network: CUDA error ", result));
  }
}

}  // namespace hrnet_native::cuda_driver
