#pragma once

// Marks what the shared library exports; everything else is hidden.
#if defined(_WIN32)
#if defined(HRNET_NATIVE_BUILDING)
#define HRNET_NATIVE_EXPORT __declspec(dllexport)
#else
#define HRNET_NATIVE_EXPORT __declspec(dllimport)
#endif
#else
#define HRNET_NATIVE_EXPORT __attribute__((visibility("default")))
#endif
