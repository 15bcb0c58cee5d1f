// Values with their counts, as tickets list them (SPEC 7).
#ifndef SIGNINWATCH_TESTS_ORACLE_COUNTS_H_
#define SIGNINWATCH_TESTS_ORACLE_COUNTS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace signinwatch::oracle {

// How much of a list is shown.
inline constexpr size_t kShown = 20;

[[nodiscard]] inline nlohmann::json TextOrNull(const std::string& text) {
  return text.empty() ? nlohmann::json() : nlohmann::json(text);
}

// Sorted by count (down), then value, and cut at 20. Absent values are not listed.
class Counts {
 public:
  void Add(const std::string& value) {
    if (!value.empty()) ++counts_[value];
  }
  [[nodiscard]] nlohmann::json Shown() const {
    std::vector<std::pair<std::string, uint64_t>> sorted(counts_.begin(), counts_.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    if (sorted.size() > kShown) sorted.resize(kShown);
    nlohmann::json list = nlohmann::json::array();
    for (const auto& [value, count] : sorted) list.push_back({{"value", value}, {"count", count}});
    return list;
  }
  [[nodiscard]] size_t total() const { return counts_.size(); }

 private:
  std::map<std::string, uint64_t> counts_;
};

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_COUNTS_H_
