// The rules and codes that detection goes by, and how long things are held because of them.
//
// A rule has two numbers: its index here, and its slot among the rules of its scope, which is its
// place in the tracks of a key (track_table.h). Behind the rules that are configured stand those
// that are gone and have bursts still: they watch no code.
//
// What was saved with other rules is adopted when it is loaded. A rule is known by its name and
// scope.
//   the same name     its sessions go on by the new window, threshold, quiet and codes: what is a
//                     burst stays one, what is none yet is looked at again, failures that were
//                     taken stay.
//   a new name        starts without a session: it sees what is read from now on.
//   a name that went  is retired: it takes no failure any more, and its bursts close, resolve and
//                     are revised like all others, as the watermark passes. Its place is kept
//                     until none of them is held, and found free at a later loading.
#ifndef SIGNINWATCH_DETECTORS_RULE_BOOK_H_
#define SIGNINWATCH_DETECTORS_RULE_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "detectors/config.h"
#include "parser/event_time.h"

namespace signinwatch {

// Rules that are not configured any more, and whose bursts are held still.
inline constexpr size_t kRetiredRulesMax = 256;

// What a sign-in's code means.
struct CodeClass {
  uint64_t rules = 0;  // bit i: rule i watches it
  uint16_t index = 0;  // of the code
  bool bad_password = false;
  bool expired = false;
};

// The rules and codes that rows were saved with.
struct SavedRules {
  std::vector<BurstRule> rules;
  std::vector<int64_t> codes;

  [[nodiscard]] size_t CountOf(GroupBy scope) const;
  template <typename A>
  void Archive(A& a);  // see row_archive.h
};

class RuleBook {
 public:
  // Of each configured rule or code of before, its index now; kNowhere: it has none.
  using Places = std::vector<uint16_t>;
  static constexpr uint16_t kNowhere = std::numeric_limits<uint16_t>::max();
  static constexpr size_t kWatchingRulesMax = 64;  // the bits of CodeClass::rules

  explicit RuleBook(const DetectionConfig& config);

  [[nodiscard]] const BurstRule& operator[](size_t rule) const { return all_.rules[rule]; }
  [[nodiscard]] size_t size() const { return all_.rules.size(); }
  [[nodiscard]] size_t CountOf(GroupBy scope) const { return OfScope(scope).size(); }
  // Between a rule's index and its slot.
  [[nodiscard]] size_t SlotOf(size_t rule) const { return slots_[rule]; }
  [[nodiscard]] uint16_t RuleOf(GroupBy scope, size_t slot) const { return OfScope(scope)[slot]; }

  // nullptr: no code that counts.
  [[nodiscard]] const CodeClass* ClassOf(int64_t code) const {
    // Nearly all records are successes and fail the first comparison.
    return code < least_code_ || code > greatest_code_ ? nullptr : LookUp(code);
  }
  // By index: every code that counts, and behind them those that only failures of before a change
  // of the rules have.
  [[nodiscard]] const std::vector<int64_t>& codes() const { return all_.codes; }

  // How long the longest session can go on after one of its failures, closing included.
  [[nodiscard]] Duration session_span() const { return session_span_; }
  // How long closed bursts and their tickets are held: those of tenants longer, so that none which
  // a held user ticket overlaps goes before that.
  [[nodiscard]] Duration PastSpan(GroupBy scope) const {
    return scope == GroupBy::kUser ? past_span_ : past_span_ + session_span_;
  }
  // How long credential events are held.
  [[nodiscard]] Duration credentials_span() const { return credentials_span_; }

  // How long risk events are held: those before a burst that may still be revised.
  [[nodiscard]] Duration risks_span() const { return risk_before_ + past_span_ + session_span_; }
  // How long other audit records are held: those of the day before an open burst.
  [[nodiscard]] Duration audits_span() const { return kDay + session_span_; }

  // For saving.
  [[nodiscard]] SavedRules& all() { return all_; }
  [[nodiscard]] bool IsAsSaved(const SavedRules& saved) const {
    return saved.rules == all_.rules && saved.codes == all_.codes;
  }
  // Finds the place of each saved rule, and gives one to those that are gone and `used` still.
  // False: these are too many.
  [[nodiscard]] bool AdoptRules(const SavedRules& saved, const std::vector<bool>& used,
                                Places* places);
  // The same of codes, of which there can't be too many.
  [[nodiscard]] Places AdoptCodes(const SavedRules& saved, const std::vector<bool>& used);

 private:
  [[nodiscard]] const std::vector<uint16_t>& OfScope(GroupBy scope) const {
    return of_scope_[scope == GroupBy::kUser ? 0 : 1];
  }
  [[nodiscard]] const CodeClass* LookUp(int64_t code) const;
  void AddRule(const BurstRule& rule);
  void SetSpans();

  SavedRules all_;
  TimeConfig time_;
  TicketConfig tickets_;
  Duration lookback_;
  Duration risk_before_;
  std::vector<CodeClass> code_classes_;  // of the first codes, which are sorted
  int64_t least_code_;
  int64_t greatest_code_;
  std::vector<size_t> slots_;          // of each rule
  std::vector<uint16_t> of_scope_[2];  // rules by slot
  Duration session_span_{};
  Duration past_span_{};
  Duration credentials_span_{};
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_RULE_BOOK_H_
