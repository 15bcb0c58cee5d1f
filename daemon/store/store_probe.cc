#include "daemon/store/store_probe.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/status/statusor.h"
#include "daemon/store/sqlite/file_access.h"
#include "daemon/store/sqlite/store_lock.h"

namespace signinwatch::store {
namespace {

std::string WhyNot(const std::string& path, const char* doing) {
  return path + " can't be " + doing + ": " + std::strerror(errno);
}

std::string ProblemOf(const std::string& path, const std::string& folder) {
  if (::access(path.c_str(), F_OK) == 0 && ::access(path.c_str(), R_OK | W_OK) != 0) {
    return WhyNot(path, "written");
  }
  // Its log and its lock are made beside it.
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return WhyNot(folder, "written to");
  return {};
}

}  // namespace

StoreFacts ProbeStore(const std::string& path) {
  StoreFacts facts;
  const absl::StatusOr<std::string> resolved = ResolveStorePath(path);
  if (!resolved.ok()) {
    facts.problem = std::string(resolved.status().message());
    return facts;
  }
  const std::string folder = std::filesystem::path(*resolved).parent_path().string();
  facts.problem = ProblemOf(*resolved, folder);
  facts.file_bytes = FileBytes(*resolved);
  facts.free_bytes = DiskSpaceOf(folder).free_bytes;
  facts.holder = StoreLock::HolderOf(*resolved);
  return facts;
}

}  // namespace signinwatch::store
