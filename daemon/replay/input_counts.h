// What became of the records that were read (SPEC 3.3, 8).
#ifndef SIGNINWATCH_DAEMON_REPLAY_INPUT_COUNTS_H_
#define SIGNINWATCH_DAEMON_REPLAY_INPUT_COUNTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "parser/message_parser.h"

namespace signinwatch::replay {

struct InputCounts {
  // Irrelevant records are counted by category up to so many names; the rest as "other".
  static constexpr size_t kCategoriesMax = 100;

  struct CategoryCount {
    std::string name;  // as it was written first
    uint64_t records = 0;
  };

  uint64_t records = 0;
  uint64_t accepted = 0;
  uint64_t irrelevant = 0;
  uint64_t rejected[kRejectReasonCount] = {};
  uint64_t invalid_utf8 = 0;
  std::map<std::string, CategoryCount> irrelevant_by_category;  // by lower-cased name

  void Add(const ParsedMessage& message);
  [[nodiscard]] uint64_t rejected_total() const;
  // records == accepted + irrelevant + rejected, which must hold at all times. If it does not, the
  // program is wrong, says so and aborts: a count that can't be trusted is worse than none.
  void CheckBalance() const;

 private:
  void AddIrrelevant(std::string_view category, uint64_t count);
};

}  // namespace signinwatch::replay

#endif  // SIGNINWATCH_DAEMON_REPLAY_INPUT_COUNTS_H_
