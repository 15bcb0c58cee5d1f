#include "daemon/config/role_rules.h"

#include <algorithm>

#include "daemon/config/quoted.h"

namespace signinwatch::config {
namespace {

class RoleRules {
 public:
  RoleRules(const ServeConfig& serve, const GivenValues& given) : serve_(serve), given_(given) {}

  std::vector<std::pair<Place, std::string>> Check() {
    if (!given_.IsKnown("role")) return {};
    if (serve_.role == Role::kAll) return {};
    if (serve_.role == Role::kDetect && given_.Find("store.url") == nullptr) {
      Report("role", ": detect requires store.url, since its instances share what they know");
    }
    CheckNames();
    return std::move(broken_);
  }

 private:
  void Report(const std::string& path, const std::string& text) {
    if (const Place* place = given_.Find(path)) broken_.emplace_back(*place, path + text);
  }
  // The signal topic and its group are nobody else's.
  void CheckNames() {
    const auto& topics = serve_.kafka.topics;
    const std::string& topic = serve_.signals.topic;
    if (std::find(topics.begin(), topics.end(), topic) != topics.end()) {
      Report(Either("signals.topic", "kafka.topics"),
             ": signals are sent to " + Quoted(topic) +
                 ", which kafka.topics reads, allowed: a topic of their own");
    }
    if (serve_.dead_letters.topic == topic) {
      Report(Either("signals.topic", "dead_letters.topic"),
             ": signals and dead letters are both sent to " + Quoted(topic) +
                 ", allowed: a topic for each");
    }
    if (serve_.signals.group == serve_.kafka.group) {
      Report(Either("signals.group", "kafka.group"),
             ": " + Quoted(serve_.signals.group) +
                 " is the group of ingest and of detect, allowed: a group for each");
    }
  }
  [[nodiscard]] std::string Either(const std::string& first, const std::string& second) const {
    return given_.Find(first) != nullptr ? first : second;
  }

  const ServeConfig& serve_;
  const GivenValues& given_;
  std::vector<std::pair<Place, std::string>> broken_;
};

}  // namespace

std::vector<std::pair<Place, std::string>> BrokenRoles(const ServeConfig& serve,
                                                       const GivenValues& given) {
  return RoleRules(serve, given).Check();
}

void KeepForRole(ServeConfig* serve) {
  if (serve->role == Role::kIngest) serve->sinks.clear();
  if (serve->role == Role::kDetect) serve->kafka.topics.clear();
}

}  // namespace signinwatch::config
