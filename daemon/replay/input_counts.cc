#include "daemon/replay/input_counts.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "parser/ids.h"

namespace signinwatch::replay {

void InputCounts::Add(const ParsedMessage& message) {
  records += message.records;
  accepted += message.signals.size();
  invalid_utf8 += message.invalid_utf8;
  for (const Reject& reject : message.rejects) {
    rejected[static_cast<size_t>(reject.reason)] += reject.records;
  }
  for (const IrrelevantCount& count : message.irrelevant) {
    irrelevant += count.records;
    AddIrrelevant(message.Text(count.category), count.records);
  }
}

void InputCounts::AddIrrelevant(std::string_view category, uint64_t count) {
  std::string key(category);
  LowerAscii(key);
  auto found = irrelevant_by_category.find(key);
  if (found == irrelevant_by_category.end()) {
    const bool room = irrelevant_by_category.size() < kCategoriesMax;
    std::string name(room ? category : std::string_view("other"));
    if (!room) key = name;
    found =
        irrelevant_by_category.try_emplace(std::move(key), CategoryCount{std::move(name), 0}).first;
  }
  found->second.records += count;
}

uint64_t InputCounts::rejected_total() const {
  return std::accumulate(std::begin(rejected), std::end(rejected), uint64_t{0});
}

void InputCounts::CheckBalance() const {
  if (records == accepted + irrelevant + rejected_total()) return;
  std::fprintf(stderr,
               "signinwatch: internal error: %" PRIu64 " records are not %" PRIu64
               " accepted + %" PRIu64 " irrelevant + %" PRIu64 " rejected\n",
               records, accepted, irrelevant, rejected_total());
  std::abort();
}

}  // namespace signinwatch::replay
