#include "daemon/serve/reloadable.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace signinwatch {

absl::StatusOr<Config> LoadServeConfig(const std::string& path) {
  ConfigResult result = LoadServeConfigFile(path);
  if (result.config) return *std::move(result.config);
  return absl::InvalidArgumentError(absl::StrJoin(result.errors, "\n"));
}

absl::Status CheckReloadable(const Config& now, const Config& next) {
  const struct {
    const char* key;
    const std::string& now;
    const std::string& next;
  } fixed[] = {
      {"store.path", now.serve.store.path, next.serve.store.path},
      {"http.listen", now.serve.http.listen, next.serve.http.listen},
      {"http.external_url", now.serve.http.external_url, next.serve.http.external_url},
      {"http.web_config_file", now.serve.http.web_config_file, next.serve.http.web_config_file},
  };
  std::vector<std::string> changed;
  for (const auto& each : fixed) {
    if (each.now != each.next) changed.emplace_back(each.key);
  }
  if (changed.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(absl::StrJoin(changed, ", "),
                                                    changed.size() == 1 ? " is" : " are",
                                                    " changed by a restart only"));
}

}  // namespace signinwatch
