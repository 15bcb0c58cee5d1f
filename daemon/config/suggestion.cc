#include "daemon/config/suggestion.h"

#include <algorithm>
#include <numeric>

#include "parser/ascii.h"

namespace signinwatch::config {
namespace {

// Levenshtein's distance, one row at a time.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (LowerAsciiOf(a[i]) == LowerAsciiOf(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

const std::string* NearestName(std::string_view name, const std::vector<std::string>& known) {
  const std::string* nearest = nullptr;
  size_t least = 0;
  for (const std::string& candidate : known) {
    const size_t longer = std::max(name.size(), candidate.size());
    const size_t shorter = std::min(name.size(), candidate.size());
    const size_t allowed = (longer + 2) / 3;
    if (longer - shorter > allowed) continue;  // also keeps a very long name from costing much
    const size_t distance = EditDistance(name, candidate);
    if (distance > allowed) continue;
    if (nearest == nullptr || distance < least) {
      nearest = &candidate;
      least = distance;
    }
  }
  return nearest;
}

}  // namespace signinwatch::config
