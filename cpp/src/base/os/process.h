#pragma once

#include <filesystem>

namespace hrnet_native::os {

int ProcessId() noexcept;

/// The CPUs that this process's affinity lets it run on; at least 1.
int AllowedCpus() noexcept;

/// The user's home in the system's list of users, in which containers often lack theirs: then empty.
std::filesystem::path ListedHome();

}  // namespace hrnet_native::os
