#include "engine/paddle/cuda_driver.h"

#include <array>
#include <fstream>

#include "base/os/dynamic_library.h"
#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native::cuda_driver {
namespace {

// From the documentation of CUDA's driver interface: CUresult and CUdevice are ints, 0 is success.
constexpr int kNoDevice = 100;
constexpr int kComputeCapabilityMajor = 75;
constexpr int kComputeCapabilityMinor = 76;

/// libcuda.so.1, which NVIDIA's driver installs.
struct Library {
  Library() {
    try {
      const os::DynamicLibrary library("libcuda.so.1");
      library.Find("cuInit", init);
      library.Find("cuDriverGetVersion", driver_version);
      library.Find("cuDeviceGetCount", device_count);
      library.Find("cuDeviceGet", device);
      library.Find("cuDeviceGetName", device_name);
      library.Find("cuDeviceGetAttribute", device_attribute);
      library.Find("cuStreamSynchronize", synchronize);
    } catch (const Error& error) {
      throw Error(ErrorCode::kUnsupported, StrCat("device gpu needs NVIDIA's driver: ", error.what()));
    }
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
