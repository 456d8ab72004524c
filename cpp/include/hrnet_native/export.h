#pragma once

// Marks what the shared library exports; everything else is hidden. Both libraries are made of the same objects, so the
// marks are in the static one too; HRNET_NATIVE_STATIC, which its CMake target defines, is for programs that link that.
#if !defined(_WIN32)
#define HRNET_NATIVE_EXPORT __attribute__((visibility("default")))
#elif defined(HRNET_NATIVE_BUILDING)
#define HRNET_NATIVE_EXPORT __declspec(dllexport)
#elif defined(HRNET_NATIVE_STATIC)
#define HRNET_NATIVE_EXPORT
#else
#define HRNET_NATIVE_EXPORT __declspec(dllimport)
#endif
